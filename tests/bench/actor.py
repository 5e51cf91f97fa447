"""Programs that wait for orders: a line in, a line of JSON out. They live as
long as the run, so that a reference and the engine can take turns without
either starting anew."""

import json
import subprocess


class BenchError(Exception):
    pass


class EndedUnexpectedly(BenchError):
    pass


class Actor:
    def __init__(self, command, **options):
        self.command = command
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, **options)
        self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise EndedUnexpectedly(f"{self.command[0]} ended unexpectedly, "
                                    f"exit code {self.process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise BenchError(f"{self.command[0]}: {answer['error']}")
        return answer

    def ask(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        return self.read()

    def sql(self, text):
        return self.ask(json.dumps({"sql": text}))

    def seconds(self, text):
        return self.sql(text)["seconds"]

    def stop(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(timeout=120)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
