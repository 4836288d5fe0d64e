package io.guardbee.broker.tls;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * Listens to what HiveMQ logs of failed handshakes: {@code SSL Handshake failed for client with IP
 * {}: {}}, at DEBUG. It has the lines made whatever the log's level is, and leaves to that level
 * whether they are written. It costs every other log call one comparison.
 */
final class HandshakeLog extends TurboFilter {

  private static final String HANDLER = "com.hivemq.security.ssl.SslExceptionHandler";
  private static final String NO_TLS = "Client {} sent data which is not SSL/TLS";
  private static final int PARAMETERS = 2;

  private final LoggerContext loggers;
  private final Logger handler;
  private final BiConsumer<String, String> heard;

  private HandshakeLog(LoggerContext loggers, BiConsumer<String, String> heard) {
    this.loggers = loggers;
    this.handler = loggers.getLogger(HANDLER);
    this.heard = heard;
  }

  /**
   * Begins to listen.
   *
   * @param heard takes address and message, on the thread of the handshake
   * @return null where HiveMQ logs by other means
   */
  static @Nullable HandshakeLog find(BiConsumer<String, String> heard) {
    try {
      if (LoggerFactory.getILoggerFactory() instanceof LoggerContext loggers) {
        HandshakeLog log = new HandshakeLog(loggers, heard);
        log.install();
        return log;
      }
    } catch (LinkageError e) {
      // another logging system: refusals are told without addresses
    }
    return null;
  }

  /** Listens, if it does not yet. */
  void install() {
    if (!loggers.getTurboFilterList().contains(this)) {
      loggers.addTurboFilter(this);
      start();
    }
  }

  void remove() {
    loggers.getTurboFilterList().remove(this);
  }

  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] parameters,
      @Nullable Throwable failure) {
    if (logger != handler || level != Level.DEBUG) {
      return FilterReply.NEUTRAL;
    }
    if (format == null) { // "isDebugEnabled?"
      return FilterReply.ACCEPT;
    }
    hear(format, parameters == null ? new Object[0] : parameters);
    return FilterReply.NEUTRAL;
  }

  private void hear(String format, Object[] parameters) {
    if (format.startsWith(NO_TLS) && parameters.length > 0) {
      heard.accept(String.valueOf(parameters[0]), "not TLS");
    } else if (format.contains("for client with IP {}: {}") && parameters.length >= PARAMETERS) {
      heard.accept(String.valueOf(parameters[0]), String.valueOf(parameters[1]));
    }
  }
}
