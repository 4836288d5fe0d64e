package io.guardbee.service.installation;

import io.guardbee.service.config.Config;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The names and addresses that this installation's servers are reached at. */
public final class ServerNames {

  /** ::1 as Java prints it back from a certificate. */
  private static final String LOOPBACK_6 = "0:0:0:0:0:0:0:1";

  private static final Set<String> EVERY_INTERFACE = Set.of("0.0.0.0", "::", "*");

  private static final Pattern DNS_NAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?");

  private ServerNames() {}

  /**
   * What server certificates are good for: this machine's names, the bind address, configured ones.
   */
  public static Set<String> of(Config.Listen listen) {
    Set<String> names = new TreeSet<>(Set.of("localhost", "127.0.0.1", LOOPBACK_6));
    names.addAll(listen.names());
    if (!EVERY_INTERFACE.contains(listen.bind())) {
      names.add(listen.bind());
    }
    try {
      String own = InetAddress.getLocalHost().getHostName();
      if (DNS_NAME.matcher(own).matches()) { // a host may be called my_host, a certificate not
        names.add(own);
      }
    } catch (UnknownHostException e) {
      // a machine whose own name does not resolve is reached by the others
    }
    return names;
  }

  /** The name that this machine's own programs use. */
  public static String host(Config.Listen listen) {
    boolean local = EVERY_INTERFACE.contains(listen.bind()) || listen.bind().startsWith("127.");
    return local ? "localhost" : listen.bind();
  }
}
