package io.guardbee.service.lint;

import static io.guardbee.service.lint.Check.unless;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/** The subjectAltName extension (RFC 5280 §4.2.1.6). */
final class NameChecks {

  static final List<Check> ALL =
      List.of(
          new Check("alternative-names", "§4.2.1.6", NameChecks::extension),
          new Check("name-forms", "§4.2.1.6", NameChecks::forms),
          new Check(
              "dns-names", "§4.2.1.6, RFC 1123 §2.1", each(GeneralName.dNSName, NameChecks::isDns)),
          new Check("addresses", "§4.2.1.6", each(GeneralName.iPAddress, NameChecks::isAddress)),
          new Check(
              "uris",
              "§4.2.1.6, RFC 3986",
              each(GeneralName.uniformResourceIdentifier, NameChecks::isUri)),
          new Check(
              "mail-addresses",
              "§4.2.1.6, RFC 5321 §4.1.2",
              each(GeneralName.rfc822Name, NameChecks::isMail)));

  private static final Set<Integer> FORMS =
      Set.of(
          GeneralName.dNSName,
          GeneralName.iPAddress,
          GeneralName.uniformResourceIdentifier,
          GeneralName.rfc822Name);

  private static final int LONGEST_DNS = 253;
  private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
  private static final String DOMAIN = LABEL + "(?:\\." + LABEL + ")*";

  /** A wildcard is for the profile to give, and for the whole first label (RFC 6125 §6.4.3). */
  private static final Pattern DNS = Pattern.compile("(?:\\*\\.)?" + DOMAIN);

  private static final Pattern MAIL =
      Pattern.compile("[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@" + DOMAIN);

  private NameChecks() {}

  private static List<GeneralName> names(Draft draft) {
    GeneralNames names = draft.value(Extension.subjectAlternativeName, GeneralNames::getInstance);
    return names == null ? List.of() : Arrays.asList(names.getNames());
  }

  /** Not critical, since no subject is empty. */
  private static Optional<String> extension(Draft draft) {
    List<GeneralName> names = names(draft);
    boolean good =
        draft.has(Extension.subjectAlternativeName, false)
            && !names.isEmpty()
            && new HashSet<>(names).size() == names.size();
    return unless(
        draft.extension(Extension.subjectAlternativeName) == null || good,
        "subjectAltName is critical, empty, or says a name twice");
  }

  private static Optional<String> forms(Draft draft) {
    return unless(
        names(draft).stream().allMatch(name -> FORMS.contains(name.getTagNo())),
        "a name is neither DNS name, address, URI nor mail address");
  }

  private static Function<Draft, Optional<String>> each(int form, Predicate<GeneralName> good) {
    return draft ->
        names(draft).stream()
            .filter(name -> name.getTagNo() == form && !good.test(name))
            .findFirst()
            .map(name -> "name " + name + " is not well formed");
  }

  private static boolean isDns(GeneralName name) {
    String text = name.getName().toString();
    return text.length() <= LONGEST_DNS && DNS.matcher(text).matches();
  }

  private static boolean isAddress(GeneralName name) {
    int octets = ASN1OctetString.getInstance(name.getName()).getOctetsLength();
    return octets == 4 || octets == 16;
  }

  private static boolean isUri(GeneralName name) {
    String text = name.getName().toString();
    try {
      URI uri = new URI(text);
      boolean hosted = uri.getRawAuthority() == null || uri.getHost() != null;
      return uri.isAbsolute() && hosted && text.chars().allMatch(c -> c > ' ' && c <= '~');
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static boolean isMail(GeneralName name) {
    return MAIL.matcher(name.getName().toString()).matches();
  }
}
