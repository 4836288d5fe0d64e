package io.guardbee.service.request;

import io.guardbee.pki.CodePoint;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.profile.Name;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.jspecify.annotations.Nullable;

/** The subjectAltNames that a request asks for (RFC 5280 §4.2.1.6). */
final class RequestedNames {

  static final int MOST = 100;

  private static final int LONGEST = 512;

  /** Labels of letters, digits, hyphens; and what a device id may hold beside: clients send it. */
  private static final Pattern DNS = Pattern.compile("(\\*\\.)?[A-Za-z0-9._:-]{1,253}");

  private static final Pattern EMAIL = Pattern.compile("[^@]+@[A-Za-z0-9.-]+");

  private RequestedNames() {}

  static List<Name> of(@Nullable Extensions extensions) {
    GeneralNames names = GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
    if (names == null) {
      return List.of();
    }
    if (names.getNames().length > MOST) {
      throw new RefusedException(
          Reason.CSR_TOO_COMPLEX,
          "the request asks for " + names.getNames().length + " names",
          "ask for at most " + MOST);
    }
    return Arrays.stream(names.getNames()).map(RequestedNames::name).toList();
  }

  private static Name name(GeneralName name) {
    return switch (name.getTagNo()) {
      case GeneralName.dNSName -> text(Name.Kind.DNS, name);
      case GeneralName.uniformResourceIdentifier -> text(Name.Kind.URI, name);
      case GeneralName.rfc822Name -> text(Name.Kind.EMAIL, name);
      case GeneralName.iPAddress -> new Name(Name.Kind.IP, address(name));
      default ->
          throw new RefusedException(
              Reason.CSR_NAME_MISMATCH,
              "the request asks for a subjectAltName of form [" + name.getTagNo() + "]",
              "ask for dNSName, iPAddress, uniformResourceIdentifier or rfc822Name only");
    };
  }

  private static Name text(Name.Kind kind, GeneralName name) {
    String text = name.getName().toString();
    text.codePoints()
        .filter(point -> point <= ' ' || point >= 0x7f)
        .findFirst()
        .ifPresent(
            point -> {
              throw invalid(kind, text, "holds " + new CodePoint(point));
            });
    boolean good =
        text.length() <= LONGEST
            && switch (kind) {
              case DNS -> DNS.matcher(text).matches();
              case EMAIL -> EMAIL.matcher(text).matches();
              case URI -> isAbsolute(text);
              case IP -> false;
            };
    if (!good) {
      throw invalid(kind, text, "is not one");
    }
    return new Name(kind, text);
  }

  private static boolean isAbsolute(String text) {
    try {
      return new URI(text).isAbsolute();
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static String address(GeneralName name) {
    try {
      byte[] octets = ASN1OctetString.getInstance(name.getName()).getOctets();
      return InetAddress.getByAddress(octets).getHostAddress();
    } catch (UnknownHostException e) {
      throw new RefusedException(
          Reason.CSR_MALFORMED,
          "an iPAddress of the request has neither 4 nor 16 octets",
          "write addresses as RFC 5280 section 4.2.1.6 says");
    }
  }

  private static RefusedException invalid(Name.Kind kind, String text, String what) {
    return new RefusedException(
        Reason.ATTRIBUTE_INVALID,
        "subjectAltName " + kind + " " + Quoted.of(text) + " " + what,
        "write names in ASCII, international ones in their encoded form (RFC 5280 section 7)");
  }
}
