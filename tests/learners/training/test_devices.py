import pytest
import torch

from softlabel.errors import FitError, InputError
from softlabel.execution.executor import Resources, attempt
from softlabel.learners.training.devices import autocast_of, bounded_threads, choose_device, memory_errors_told

CPU = torch.device("cpu")


def test_auto_takes_what_the_executor_gave():
    device = attempt(lambda _: choose_device("auto"), None, Resources(device="cpu"))[1].value
    assert device == CPU


def test_a_device_by_name():
    assert choose_device("cpu") == CPU


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_where_there_is_none():
    assert choose_device("auto").type in ("cpu", "mps")
    with pytest.raises(InputError, match="finds no CUDA device here; give auto or cpu"):
        choose_device("cuda:1")


@pytest.mark.parametrize("name", ["gpu", "meta", "", None, 0.5])
def test_what_is_no_device(name):
    with pytest.raises(InputError, match="auto, cpu, cuda, cuda:N or mps"):
        choose_device(name)


def test_threads_are_those_of_the_executor_and_put_back():
    def threads(_):
        with bounded_threads():
            return torch.get_num_threads()

    before = torch.get_num_threads()
    assert attempt(threads, None, Resources(threads=2))[1].value == 2
    assert attempt(threads, None, Resources(threads=1))[1].value == 1
    assert torch.get_num_threads() == before
    assert threads(None) == before  # outside an executor
    with bounded_threads(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


def test_bf16_computes_in_bfloat16_and_float32_does_not():
    line = torch.nn.Linear(2, 2)
    with autocast_of("bf16", CPU):
        assert line(torch.ones(1, 2)).dtype == torch.bfloat16
    with autocast_of("float32", CPU):
        assert line(torch.ones(1, 2)).dtype == torch.float32


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        MemoryError(),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 40 TB"),
    ],
)
def test_out_of_memory_says_what_to_lower(error):
    told = r"out of memory on cpu with batches of 256; lower batch_size \(to 128, say\)"
    with pytest.raises(FitError, match=told), memory_errors_told(CPU, 256):
        raise error


def test_other_errors_pass():
    with pytest.raises(RuntimeError, match="shapes"), memory_errors_told(CPU, 256):
        raise RuntimeError("shapes differ")


def test_a_device_that_is_named_comes_before_the_executors():
    assert attempt(lambda _: choose_device("cpu"), None, Resources(device="cuda:0"))[1].value == CPU


def test_threads_are_put_back_by_the_training_itself(monkeypatch):
    before = torch.get_num_threads()
    monkeypatch.setattr("softlabel.learners.training.devices.current_resources", lambda: Resources(threads=before + 1))
    with bounded_threads():
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


def test_a_batch_of_one_cannot_be_halved():
    with pytest.raises(FitError, match=r"lower batch_size \(to 1, say\)"), memory_errors_told(CPU, 1):
        raise MemoryError
