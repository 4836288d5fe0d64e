package io.guardbee.service.profile;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The names and addresses of this installation's own servers, which no grant can obtain: as
 * subjectAltName from no authority, as CN not from the operations authority. Thread-safe; names may
 * be added at any time.
 */
public final class ReservedNames {

  private static final String LOCALHOST = "localhost";
  private static final String WILDCARD = "*.";

  /** What {@link InetAddress} reads without asking the network. */
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  private volatile Set<String> names = Set.of();

  /** Reserves these in place of those before. */
  public void set(Collection<String> all) {
    names = all.stream().map(ReservedNames::canonical).collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Whether a certificate with this name could pass for one of the servers; a DNS name that is
   * written as an address counts as that address, since some clients compare it so.
   */
  boolean holds(Name name) {
    return switch (name.kind()) {
      case DNS, IP -> holds(name.value());
      case URI, EMAIL -> false; // no client compares them with a host (RFC 9525 §6.3)
    };
  }

  private boolean holds(String text) {
    String name = canonical(text);
    if (name.startsWith(WILDCARD)) {
      String parent = name.substring(1);
      return parent.equals("." + LOCALHOST)
          || names.stream().anyMatch(own -> isLabelBelow(own, parent));
    }
    return names.contains(name)
        || name.equals(LOCALHOST)
        || name.endsWith("." + LOCALHOST) // RFC 6761 §6.3
        || isOwnAddress(name);
  }

  private static boolean isLabelBelow(String own, String parent) {
    return own.endsWith(parent) && own.indexOf('.') == own.length() - parent.length();
  }

  private static boolean isOwnAddress(String text) {
    try {
      return ADDRESS.matcher(text).matches() && isLocal(InetAddress.getByName(text));
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static boolean isLocal(InetAddress address) {
    return address.isLoopbackAddress() || address.isAnyLocalAddress();
  }

  /** Lower case, without the root's dot; an address as Java writes it. */
  private static String canonical(String text) {
    String name = text.toLowerCase(Locale.ROOT).replaceAll("\\.+$", "");
    try {
      return ADDRESS.matcher(name).matches() ? InetAddress.getByName(name).getHostAddress() : name;
    } catch (UnknownHostException e) {
      return name;
    }
  }

  /**
   * Requires that a certificate gets none of these.
   *
   * @param issuer role of the authority that is to sign it
   * @throws RefusedException {@link Reason#NAME_RESERVED}
   */
  public void refuse(String issuer, DeviceId deviceId, Collection<Name> alternativeNames) {
    if (issuer.equals(Identity.OPERATIONS) && holds(deviceId.value())) {
      throw reserved("CN " + Quoted.of(deviceId.value()));
    }
    alternativeNames.stream()
        .filter(this::holds)
        .findFirst()
        .ifPresent(
            name -> {
              throw reserved("subjectAltName " + Quoted.of(name.toString()));
            });
  }

  private static RefusedException reserved(String what) {
    return new RefusedException(
        Reason.NAME_RESERVED,
        what + " is a name of this installation's own servers",
        "ask for another name; the reserved ones are listen.names in config.yaml, the names of the"
            + " service's machines, localhost and loopback addresses");
  }
}
