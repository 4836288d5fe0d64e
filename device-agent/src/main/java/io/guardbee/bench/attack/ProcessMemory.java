package io.guardbee.bench.attack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The resident memory of a process, from Linux's {@code /proc}. */
record ProcessMemory(ProcessHandle process) {

  private static final double KIBIBYTES_PER_MEBIBYTE = 1024;

  /** What is resident now, in MiB; NaN where the system does not say it. */
  double now() {
    return read("VmRSS:");
  }

  /** The most that ever was resident, in MiB; NaN where the system does not say it. */
  double peak() {
    return read("VmHWM:");
  }

  private double read(String field) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc", process.pid() + "", "status"))) {
        if (line.startsWith(field)) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) / KIBIBYTES_PER_MEBIBYTE;
        }
      }
    } catch (IOException e) {
      // another system, or the process has ended: told by the one that asks
    }
    return Double.NaN;
  }
}
