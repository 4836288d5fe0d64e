package io.guardbee.broker.tls;

import io.guardbee.broker.config.BrokerConfig;

/**
 * Bounds what a TLS session leaves behind for the next connection. HiveMQ has no setting for it;
 * JSSE reads these properties when a listener's context is made, which comes after the extension's
 * start. Our own TLS client in this JVM lives with them too.
 */
public final class ListenerSessions {

  private ListenerSessions() {}

  /** For all listeners that are made from now on. */
  public static void limit(BrokerConfig.TlsSessions sessions) {
    // a ticket that holds the whole session is good for as long as JSSE keeps the key that it is
    // encrypted with, an hour and more, whatever lifetime was wanted: sessions stay here instead
    System.setProperty("jdk.tls.server.enableSessionTicketExtension", "false");
    System.setProperty("javax.net.ssl.sessionCacheSize", Integer.toString(sessions.cacheSize()));
    System.setProperty(
        "jdk.tls.server.sessionTicketTimeout", Long.toString(sessions.lifetime().toSeconds()));
  }
}
