"""What code costs on a machine that others use, too."""

import time


def least(action, times=3):
    """Return the CPU seconds of the quickest of some runs in this thread."""
    taken = []
    for _ in range(times):
        start = time.thread_time()
        action()
        taken.append(time.thread_time() - start)
    return min(taken)
