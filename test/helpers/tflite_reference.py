"""Every output tensor of TFLite's interpreter with its reference kernels, a line a case: the rounding that TFLite-Micro shares."""
import json
import sys

import numpy
from ai_edge_litert.interpreter import Interpreter, OpResolverType

for case in json.load(open(sys.argv[1])):
    model = Interpreter(case["file"], experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    model.allocate_tensors()
    port = model.get_input_details()[0]
    model.set_tensor(port["index"], numpy.array(case["input"], dtype=numpy.int8).reshape(port["shape"]))
    model.invoke()
    print(json.dumps([model.get_tensor(port["index"]).ravel().tolist() for port in model.get_output_details()]))
