"""Warm kernels: ordinary IPython kernels, forked from one process that has imported the science stack once.

Starting a kernel and importing pandas, matplotlib and statsmodels takes longer than most chapters compute. A fork of
a process that has done both starts at once and gives the same results. Where processes cannot be forked safely
(`available` says so) papermill's ordinary kernels do the same work. This room knows no notebook and no result.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import sys
import types
import uuid
import weakref
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from papermill.engines import NBClientEngine, papermill_engines

ENGINE, PLAIN = "warm", "plain"
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


def available() -> bool:
    """Say whether kernels can be forked here: on Linux, unless the environment asks for ordinary ones."""
    return sys.platform == "linux" and not os.environ.get(ORDINARY)


def engine(also: Sequence[str] = ()) -> str:
    """Name the papermill engine to use: warm, its process being started, or plain where kernels cannot be forked.

    Modules named in `also` are imported by the warm process besides the libraries, if it does not run yet.
    Does not wait for the warm process, so an early call lets it import while other work is done. Whatever libraries
    read from the environment when they are imported, as the number of threads, has to be set before the first call.
    """
    papermill_engines.register(PLAIN, PlainEngine)
    if not available():
        return PLAIN
    papermill_engines.register(ENGINE, WarmEngine)
    _context(also)
    forkserver.ensure_running()
    return ENGINE


class PlainManager(AsyncKernelManager):
    """A kernel manager that adds to its kernel's environment and tells a watch which process it started."""

    watch = None
    environment: Mapping[str, str] = {}

    async def _async_pre_start_kernel(self, **options: Any):
        if self.environment:
            options["env"] = {**(options.get("env") or os.environ), **self.environment}
        return await super()._async_pre_start_kernel(**options)

    async def _async_post_start_kernel(self, **options: Any):
        await super()._async_post_start_kernel(**options)
        if self.watch is not None:
            self.watch.begin(self.provisioner.pid)


class WarmManager(PlainManager):
    """A kernel manager that forks its kernel."""

    async def _async_pre_start_kernel(self, **options: Any):
        self.kernel_id = self.kernel_id or str(uuid.uuid4())
        if self.provisioner is None:
            self.provisioner = WarmProvisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        return await super()._async_pre_start_kernel(**options)


class PlainEngine(NBClientEngine):
    """papermill's engine for kernels that are watched.

    `watch`, where one is given, hears of the kernel's process (`begin`) and of its end (`end`); `environment` is added
    to what the kernel inherits; unless `follow`, what is done so far is written at the end only, not after every cell.
    """

    manager = PlainManager

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, *, watch=None, environment=None, follow=True, **options):
        """Run a notebook; arguments as in `papermill.engines.NBClientEngine`."""
        told = {"watch": watch, "environment": environment or {}}
        manager = type(cls.manager.__name__, (cls.manager,), told)
        place = nb_man.output_path
        nb_man.output_path = place if follow else None
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, kernel_manager_class=manager, **options)
        finally:
            nb_man.output_path = place
            if watch is not None:
                watch.end()


class WarmEngine(PlainEngine):
    """The same with kernels forked from the warm process."""

    manager = WarmManager


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
