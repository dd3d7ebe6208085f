"""Output of TFLite-Micro (its Python package: the C++ interpreter with reference kernels, x86-64) and the bytes of its arena, a line a case."""
import json
import os
import re
import sys
import tempfile

import numpy
from tflite_micro.python.tflite_micro import runtime


def arena(interpreter):
    """`arena_used_bytes()` with the recording allocator and the planned part of it, which the package prints to standard error."""
    with tempfile.TemporaryFile() as log:
        before = os.dup(2)
        os.dup2(log.fileno(), 2)
        interpreter.print_allocations()
        os.dup2(before, 2)
        os.close(before)
        log.seek(0)
        text = log.read().decode()
    return [int(re.search(rf"Arena allocation {part} (\d+)", text).group(1)) for part in ("total", "head")]


for case in json.load(open(sys.argv[1])):
    with open(case["file"], "rb") as file:
        interpreter = runtime.Interpreter.from_bytes(file.read(), arena_size=1 << 22)
    shape = interpreter.get_input_details(0)["shape"]
    interpreter.set_input(numpy.array(case["input"], dtype=numpy.int8).reshape(shape), 0)
    interpreter.invoke()
    total, head = arena(interpreter)
    print(json.dumps({"output": interpreter.get_output(0).ravel().tolist(), "used": total, "planned": head}))
