"""Warm kernels: ordinary IPython kernels, forked from one process that has imported the science stack once.

Starting a kernel and importing pandas, matplotlib and statsmodels takes longer than most chapters compute. A fork of
a process that has done both starts at once and gives the same results. Where processes cannot be forked safely
(`available` says so) ordinary kernels do the same work. What a kernel finds in its environment is handed to it; the
environment of the calling process stays as it is. This room knows no notebook and no result.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import sys
import threading
import types
import uuid
import weakref
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

ORDINARY = "ATTRITION_ORDINARY_KERNELS"  # set this environment variable to anything to do without warm kernels
PRELOADED = (
    "numpy",
    "pandas",
    "scipy.stats",
    "scipy.optimize",
    "matplotlib.pyplot",
    "seaborn",
    "statsmodels.api",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
)


_RUNNING: weakref.WeakSet = weakref.WeakSet()
_STARTING = threading.Lock()


def available() -> bool:
    """Say whether kernels can be forked here: on Linux, unless the environment asks for ordinary ones."""
    return sys.platform == "linux" and not os.environ.get(ORDINARY)


def warm_up(environment: Mapping[str, str], also: Sequence[str] = ()) -> None:
    """Start the process that kernels are forked from, where they can be; does nothing if it runs already.

    Does not wait for it, so an early call lets it import while other work is done. What libraries read from the
    environment when they are imported, as the number of threads, is that of the first call, and so are the modules that
    it imports besides the libraries (`also`).
    """
    if not available():
        return
    _context(also)
    with _STARTING:
        other = {name: text for name, text in environment.items() if os.environ.get(name) != text}
        before = {name: os.environ.get(name) for name in other}
        os.environ.update(other)  # a new process inherits what is there when it starts
        try:
            forkserver.ensure_running()
        finally:
            for name, text in before.items():
                os.environ.pop(name) if text is None else os.environ.update({name: text})


def manager(environment: Mapping[str, str], watch=None, folder: str | None = None) -> type[AsyncKernelManager]:
    """Return the class of kernel managers whose kernels find this environment: forked where that is safe, or ordinary.

    It is what papermill and nbclient take as `kernel_manager_class`. Its kernels start in `folder`: papermill's own
    `cwd` changes the folder of the whole process, which chapters that run side by side would leave behind. A watch
    (`attrition.limits.Watch`) is told of the kernel's process when it begins.
    """
    warm_up(environment)
    kind = WarmManager if available() else Manager
    return type(kind.__name__, (kind,), {"environment": dict(environment), "watch": watch, "folder": folder})


class Manager(AsyncKernelManager):
    """A kernel manager that hands its kernel an environment and tells a watch which process it started."""

    environment: Mapping[str, str] | None = None
    watch = None
    folder: str | None = None

    async def _async_pre_start_kernel(self, **options: Any):
        if self.environment is not None:
            options["env"] = dict(self.environment)
        if self.folder is not None:
            options["cwd"] = self.folder
        return await super()._async_pre_start_kernel(**options)

    async def _async_post_start_kernel(self, **options: Any):
        await super()._async_post_start_kernel(**options)
        if self.watch is not None:
            self.watch.begin(self.provisioner.pid)


class WarmManager(Manager):
    """A kernel manager that forks its kernel."""

    async def _async_pre_start_kernel(self, **options: Any):
        self.kernel_id = self.kernel_id or str(uuid.uuid4())
        if self.provisioner is None:
            self.provisioner = WarmProvisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        return await super()._async_pre_start_kernel(**options)


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel as a fork instead of a new interpreter; all else is the local provisioner's."""

    async def launch_kernel(self, cmd: list[str], **options: Any):
        """Fork a kernel; `cmd` is the ordinary command line, of which its own arguments count."""
        arguments = cmd[cmd.index("-f") :]
        environment = dict(options.get("env") or os.environ)
        process = _context().Process(target=become_kernel, args=(arguments, options.get("cwd"), environment))
        process.start()
        _RUNNING.add(process)
        self.process, self.pid = Forked(process), process.pid
        return self.connection_info


class Forked:
    """A forked process with the manners of `subprocess.Popen`, as the local provisioner expects them."""

    stdin = stdout = stderr = None

    def __init__(self, process):
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        """Exit code, or None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        """Exit code once it has ended."""
        self._process.join(timeout)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self._process.is_alive():
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def kill(self) -> None:
        """End it."""
        self._process.kill()


def become_kernel(arguments: list[str], folder: str | None, environment: dict[str, str]) -> None:
    """Turn the forked process into an ordinary kernel; runs until it is shut down."""
    os.environ.clear()
    os.environ.update(environment)
    parent = os.getppid()
    os.close(forkserver._forkserver._forkserver_alive_fd)  # else this kernel would keep its parent alive for ever
    if folder:
        os.chdir(folder)
    sys.argv = ["ipykernel_launcher", *arguments]
    sys.path[:0] = [""] + [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.modules["__main__"] = types.ModuleType("__main__")
    from ipykernel.kernelapp import IPKernelApp

    kernel = IPKernelApp.instance(parent_handle=parent)  # it ends when its parent has ended
    kernel.initialize(arguments)
    kernel.shell.enable_matplotlib("inline")  # the drawing library was imported before a kernel could choose for it
    kernel.start()


def _context(also: Sequence[str] = ()):
    """The processes' starting point: told what to import before it is first used."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*PRELOADED, __name__, *also])
    return context


@atexit.register
def end_all() -> None:
    """End kernels that still run, as after an interrupt; the process that started them would wait for them for ever."""
    for process in list(_RUNNING):
        if process.is_alive():
            process.kill()
