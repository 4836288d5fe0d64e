package io.guardbee.service.profile;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The names that an operator grants to a server, as text. */
public final class GrantedName {

  private static final int LONGEST = 253; // RFC 1035 §2.3.4
  private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

  /** A wildcard stands for the whole first label (RFC 9525 §6.3), and not above all of a domain. */
  private static final Pattern DNS =
      Pattern.compile(LABEL + "(?:\\." + LABEL + ")*|\\*\\." + LABEL + "(?:\\." + LABEL + ")+");

  private GrantedName() {}

  /**
   * Reads one.
   *
   * @param text {@code dns:web-1.plant.example} or {@code ip:10.1.2.3}
   * @throws RefusedException {@link Reason#REQUEST_MALFORMED}
   */
  public static Name parse(String text) {
    if (text.startsWith("dns:")) {
      return new Name(Name.Kind.DNS, dns(text.substring("dns:".length())));
    }
    if (text.startsWith("ip:")) {
      String address = text.substring("ip:".length());
      return new Name(
          Name.Kind.IP,
          AddressRange.address(address)
              .map(InetAddress::getHostAddress)
              .orElseThrow(() -> invalid(text, "write an address such as 10.1.2.3 or fd00::7")));
    }
    throw invalid(text, "write dns:NAME or ip:ADDRESS");
  }

  /**
   * Requires that the profile lets an operator grant them.
   *
   * @throws RefusedException {@link Reason#NAME_NOT_GRANTED}, {@link Reason#NAME_RESERVED}
   */
  public static void require(List<Name> names, Profile profile, DeviceId deviceId) {
    for (Name name : names) {
      if (!profile.letsGrant(name)) {
        throw new RefusedException(
            Reason.NAME_NOT_GRANTED,
            "profile " + profile.name() + " does not allow the name " + Quoted.of(name.toString()),
            "add it to profiles."
                + profile.name()
                + ".requestedNames in config.yaml, or grant a profile with purposes: [server]");
      }
    }
    if (!names.isEmpty()) {
      profile.reserved().refuse(profile.issuer(), deviceId, names);
    }
  }

  /** As the database keeps them: no name holds a space. */
  public static String text(List<Name> names) {
    return names.stream().map(Name::toString).collect(Collectors.joining(" "));
  }

  /** Reads what {@link #text} wrote; null is none. */
  public static List<Name> list(@Nullable String text) {
    return text == null
        ? List.of()
        : Arrays.stream(text.split(" ", -1)).map(GrantedName::parse).toList();
  }

  private static String dns(String name) {
    if (AddressRange.address(name).isPresent()) { // RFC 9525 §2: an address is no DNS name
      throw invalid(name, "write it as ip:" + name);
    }
    if (name.length() > LONGEST || !DNS.matcher(name).matches()) {
      throw invalid(
          name,
          "write letters, digits and hyphens between dots, international names as xn--…; a wildcard"
              + " as *.plant.example");
    }
    return name;
  }

  private static RefusedException invalid(String text, String fix) {
    return new RefusedException(
        Reason.REQUEST_MALFORMED,
        Quoted.of(text) + " is no name that a server certificate can hold (RFC 5280 4.2.1.6)",
        fix);
  }
}
