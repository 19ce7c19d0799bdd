"""What the benchmarks run on: a stand-in for Mosaic over TLS, and the agent, nginx or haproxy in front of it."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LOGIN = "/cis/v1/auth/password/authenticate"


def fail(text):
    sys.exit(f"{os.path.basename(sys.argv[0])}: {text}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, what, seconds=60):
    """Waits until a condition holds; ends the program if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            fail(f"{what}: nothing after {seconds} seconds")
        time.sleep(0.02)


class Process:
    """A program with its children, ended at the end."""

    def __init__(self, words, ready=None, name=None, **options):
        self.name = name or os.path.basename(words[0])
        self.process = subprocess.Popen(words, **options)
        if ready:
            wait_for(lambda: self.is_ready(ready), f"the start of {self.name}")

    def is_ready(self, ready):
        if self.process.poll() is not None:
            fail(f"{self.name} ended with {self.process.returncode} before it was ready")
        return ready()

    def pids(self):
        """The process and its children."""
        found = [self.process.pid]
        with contextlib.suppress(OSError):
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
                found += [int(pid) for pid in file.read().split()]
        return found

    def cpu(self):
        """Seconds of processor time used so far."""
        ticks = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self, field="VmRSS"):
        """MiB resident now (VmRSS) or at the most (VmHWM)."""
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/status") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith(field + ":"))
        return total / 1024

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def connects(path):
    """Whether somebody listens at a path (a text) or a port (a number)."""
    kind = socket.AF_UNIX if isinstance(path, str) else socket.AF_INET
    with socket.socket(kind) as probe:
        try:
            probe.connect(path if isinstance(path, str) else ("127.0.0.1", path))
            return True
        except OSError:
            return False


class Bed:
    """A directory with the tools built, a certificate, and what is started."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="mosaicd-bench.")
        os.chmod(self.directory, 0o711)
        self.started = []

    def __enter__(self):
        for tool, libraries in (("upstream-stub", ["-lssl", "-lcrypto"]), ("login-load", []), ("attack", []), ("account", [])):
            source = os.path.join(HERE, "tools", tool + ".c")
            command = ["gcc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", self.path(tool), source]
            subprocess.run(command + libraries, check=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
            + ["-keyout", self.path("key.pem"), "-out", self.path("cert.pem"), "-subj", "/CN=127.0.0.1"]
            + ["-addext", "subjectAltName=IP:127.0.0.1"],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        return self

    def __exit__(self, *_):
        for process in reversed(self.started):
            process.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text, mode=0o600):
        with open(self.path(name), "w") as file:
            file.write(text)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def start(self, *words, **options):
        process = Process(list(words), **options)
        self.started.append(process)
        return process

    def stop(self, process):
        process.stop()
        self.started.remove(process)

    def stub(self, *options):
        """Starts the stand-in; answers its process and port."""
        port = free_port()
        words = [self.path("upstream-stub"), str(port), self.path("cert.pem"), self.path("key.pem"), *options]
        return self.start(*words, ready=lambda: connects(port), stdout=subprocess.DEVNULL), port

    def agent(self, program, port, prefix=(), audit=subprocess.DEVNULL, settings="", access=None):
        """Starts the agent in front of the stand-in; answers its process and socket."""
        path, self.generation = self.path("agent.sock"), getattr(self, "generation", 0) + 1
        secret = self.write("default.secret", "secret")
        access = access or "[Access all]\nMatch=any\nClients=default\nAllow=login client-token\n"
        configuration = self.write(
            "mosaicd.conf",
            f"[Daemon]\nSocket={path}\nControlSocket={self.path('control.sock')}\nReleaseGrid=0\nReleaseJitter=0\n"
            f"MaximumCallsInFlight=16384\nMaximumCallsInFlightPerUser=8192\nAuditQueueSize=16384\n{settings}\n"
            f"[Client default]\nBaseURL=https://127.0.0.1:{port}/cis\nClientID=client.example\n"
            f"Authentication=client_secret_post\nClientSecretFile={secret}\nCAFile={self.path('cert.pem')}\n\n{access}",
        )
        words = [*prefix, program, "--config", configuration]
        process = self.start(*words, name="mosaicd", ready=lambda: connects(path), stdout=subprocess.DEVNULL, stderr=audit)
        os.chmod(path, 0o666)
        # Until the first access token is there; under valgrind that can take longer than a call waits.
        first = ["--count", "1", "--accept-errors"]
        wait_for(lambda: self.load(path, "agent", *first)["granted"] == 1, "the first login")
        return process, path

    def nginx(self, port):
        """Starts nginx in front of the stand-in; answers its process and socket."""
        path = self.path("nginx.sock")
        temporary = "".join(
            f"{kind}_temp_path {self.path(kind)};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        configuration = self.write(
            "nginx.conf",
            f"worker_processes {os.cpu_count()}; pid {self.path('nginx.pid')}; error_log {self.path('nginx.log')}; daemon off;\n"
            "events { worker_connections 4096; }\n"
            f"http {{ access_log off; {temporary}\n"
            f"upstream mosaic {{ server 127.0.0.1:{port}; keepalive 512; keepalive_requests 100000000; }}\n"
            f"server {{ listen unix:{path} backlog=4096; keepalive_requests 100000000; location / {{\n"
            'proxy_pass https://mosaic; proxy_http_version 1.1; proxy_set_header Connection "";\n'
            f"proxy_set_header Authorization 'Bearer {'t' * 450}';\n"
            f"proxy_ssl_verify on; proxy_ssl_name 127.0.0.1; proxy_ssl_trusted_certificate {self.path('cert.pem')};\n"
            "proxy_buffer_size 16k; proxy_buffers 8 16k; } } }\n",
        )
        return self.start("nginx", "-c", configuration, ready=lambda: connects(path), stderr=subprocess.DEVNULL), path

    def http2(self, port):
        """Starts what speaks HTTP/2 in front of the stand-in, which does not; answers its process and port."""
        front = free_port()
        temporary = "".join(
            f"{kind}_temp_path {self.path(kind)};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        configuration = self.write(
            "http2.conf",
            f"worker_processes 1; pid {self.path('http2.pid')}; error_log {self.path('http2.log')}; daemon off;\n"
            "events { worker_connections 4096; }\n"
            f"http {{ access_log off; {temporary}\n"
            f"upstream mosaic {{ server 127.0.0.1:{port}; keepalive 512; keepalive_requests 100000000; }}\n"
            f"server {{ listen 127.0.0.1:{front} ssl http2 backlog=4096; keepalive_requests 100000000;\n"
            f"ssl_certificate {self.path('cert.pem')}; ssl_certificate_key {self.path('key.pem')}; location / {{\n"
            'proxy_pass https://mosaic; proxy_http_version 1.1; proxy_set_header Connection "";\n'
            "proxy_buffer_size 16k; proxy_buffers 8 16k; } } }\n",
        )
        return self.start("nginx", "-c", configuration, ready=lambda: connects(front), stderr=subprocess.DEVNULL), front

    def haproxy(self, port, server_options=""):
        """Starts haproxy in front of the stand-in; answers its process and socket."""
        path = self.path("haproxy.sock")
        configuration = self.write(
            "haproxy.cfg",
            f"global\n  maxconn 8192\n  nbthread {os.cpu_count()}\n"
            "defaults\n  mode http\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n  http-reuse always\n"
            f"frontend callers\n  bind unix@{path} mode 666\n  default_backend mosaic\n"
            f"backend mosaic\n  http-request set-header Authorization 'Bearer {'t' * 450}'\n"
            f"  server mosaic 127.0.0.1:{port} ssl verify required ca-file {self.path('cert.pem')} pool-max-conn 512"
            f" {server_options}\n",
        )
        return self.start("haproxy", "-db", "-f", configuration, ready=lambda: connects(path), stderr=subprocess.DEVNULL), path

    def load(self, path, kind, *options, check=True, user=None):
        """Runs login-load and answers what it has counted."""
        words = [self.path("login-load"), path, "--for", kind, *map(str, options)]
        result = subprocess.run(words, stdout=subprocess.PIPE, text=True, user=user, extra_groups=[] if user else None)
        if check and result.returncode:
            fail(f"a run was not answered as it should be: {' '.join(words)}")
        return json.loads(result.stdout)
