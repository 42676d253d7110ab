"""A block that no signal cuts in two."""

import os
import signal
import threading

import pytest

from spectral_bias.runtime.interrupt import SIGNALS, uninterrupted


class Ended(BaseException):
    pass


def end(signum, frame):
    raise Ended(signum)


@pytest.fixture
def handlers():
    before = {number: signal.signal(number, end) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_waits_for_the_end_of_the_block(handlers, number):
    done = []
    with pytest.raises(Ended) as ended, uninterrupted():
        os.kill(os.getpid(), number)
        done.append("inner")
    assert done == ["inner"] and ended.value.args == (number,)
    assert all(signal.getsignal(each) is end for each in SIGNALS)


def test_blocks_lie_within_each_other(handlers):
    done = []
    with pytest.raises(Ended), uninterrupted():
        with uninterrupted():
            os.kill(os.getpid(), signal.SIGTERM)
        done.append("outer")
    assert done == ["outer"]


def test_an_error_of_the_block_itself_is_raised(handlers):
    with pytest.raises(ZeroDivisionError), uninterrupted():
        os.kill(os.getpid(), signal.SIGTERM)
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGTERM) is end


def test_another_thread_is_left_alone():
    done = []

    def work():
        with uninterrupted():
            done.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [signal.getsignal(signal.SIGTERM)]
