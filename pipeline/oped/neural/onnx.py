"""ONNX graphs of a model, opened with onnxruntime."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import onnxruntime as ort

from oped.errors import ModelError


def open_session(
    path: Path, *, threads: int, providers: Sequence[str] = ("CPUExecutionProvider",), root: Path | None = None
) -> ort.InferenceSession:
    """Open a graph of a model.

    Args:
        root: the folder that the graph names its weights from; by default its own.

    Raises:
        ModelError: the file is missing or torn.
    """
    if not path.is_file():
        raise ModelError(f"{path}: expected a part of the model, found no such file")
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Threads that wait for work at full speed cost more processor time than they save of the clock's.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if not has_exact_int8():
        options.add_session_config_entry("session.x64quantprecision", "1")
    if root is not None:
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(root.resolve()))
    try:
        return ort.InferenceSession(path if root is None else path.read_bytes(), options, providers=providers)
    except Exception as error:  # onnxruntime's exceptions have no common base
        raise ModelError(f"{path}: the file is torn or no ONNX model: {error}".splitlines()[0]) from None


@cache
def has_exact_int8() -> bool:
    """Whether this processor is known to add up products in int8 without a limit between (VNNI).

    Older x86 processors cut sums of two products off at 16 bits; onnxruntime has slower products for them that don't.
    """
    try:
        return "vnni" in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def providers_for(device: str) -> list[str]:
    """The onnxruntime providers of a device.

    Raises:
        ModelError: there is no such device.
    """
    wanted = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}.get(device)
    if wanted is None:
        raise ModelError(f"expected the device cpu or cuda, found {device!r}")
    if wanted not in ort.get_available_providers():
        raise ModelError(f"this onnxruntime can't compute on {device}: pip install onnxruntime-gpu in its place")
    return [wanted, "CPUExecutionProvider"] if wanted != "CPUExecutionProvider" else [wanted]
