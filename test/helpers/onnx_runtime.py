"""ONNX Runtime's outputs, a line a case. Optimisations off: on x86 without VNNI, its fused int8 kernels saturate sums of two products at
16 bits (its documentation warns)."""
import json
import sys

import numpy
import onnx
import onnxruntime

for case in json.load(open(sys.argv[1])):
    onnx.checker.check_model(onnx.load(case["file"]), full_check=True)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(case["file"], options, providers=["CPUExecutionProvider"])
    port = session.get_inputs()[0]
    x = numpy.array(case["input"], dtype=numpy.float32).reshape(port.shape)
    print(json.dumps(session.run(None, {port.name: x})[0].ravel().tolist()))
