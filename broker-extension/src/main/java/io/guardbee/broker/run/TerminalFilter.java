package io.guardbee.broker.run;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.List;

/**
 * Keeps from the terminal what HiveMQ says of itself and what leads astray; the log file has it. A
 * broker that cannot open its data says so in words of its own.
 */
public final class TerminalFilter extends Filter<ILoggingEvent> {

  private static final List<String> UNWANTED =
      List.of("Is another HiveMQ instance running?", "Development Snapshot");

  @Override
  public FilterReply decide(ILoggingEvent event) {
    String line = event.getFormattedMessage();
    return UNWANTED.stream().anyMatch(line::contains) ? FilterReply.DENY : FilterReply.NEUTRAL;
  }
}
