package io.guardbee.bench.broker;

import java.net.URI;

/**
 * A broker that clients are let loose on.
 *
 * @param name as the figures call it
 * @param process what uses the processor for it
 */
public record Contender(String name, URI address, ProcessHandle process) {

  /** Processor time that it has used since its start, in nanoseconds; in steps of some 10 ms. */
  public long processorNanos() {
    return process.info().totalCpuDuration().orElseThrow().toNanos();
  }
}
