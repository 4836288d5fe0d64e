package io.guardbee.broker.policy;

import io.guardbee.broker.policy.AttributeName.Kind;
import io.guardbee.broker.yaml.Section;
import io.guardbee.pki.Identity;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Reads a policy's own tests. */
final class TestReader {

  private static final Map<String, Kind> GIVEN =
      Map.of(
          "profile", Kind.PROFILE,
          "serial", Kind.SERIAL,
          "fingerprint", Kind.FINGERPRINT);

  private static final Map<String, Kind> NAMES =
      Map.of("uri", Kind.SAN_URI, "dns", Kind.SAN_DNS, "email", Kind.SAN_EMAIL);

  private TestReader() {}

  static PolicyTest read(Section section) {
    section.only(
        "as", "issuer", "profile", "serial", "fingerprint", "san", "clientId", "may", "mayNot");
    try {
      Identity identity =
          new Identity(section.text("issuer", Identity.ISSUING), Subject.parse(section.text("as")));
      List<Request> may = requests(section, "may");
      List<Request> mayNot = requests(section, "mayNot");
      if (may.isEmpty() && mayNot.isEmpty()) {
        throw section.refused("it tests nothing", "write may, mayNot or both");
      }
      return new PolicyTest(
          Attributes.of(identity, given(section)),
          section.has("clientId") ? section.text("clientId") : null,
          may,
          mayNot);
    } catch (RefusedException e) {
      throw e.detail().startsWith(section.place()) ? e : section.refused(e.detail(), e.nextStep());
    }
  }

  private static List<Request> requests(Section section, String key) {
    return section.texts(key).stream().map(Request::parse).toList();
  }

  private static Map<Kind, List<String>> given(Section section) {
    Map<Kind, List<String>> given = new EnumMap<>(Kind.class);
    GIVEN.forEach((key, kind) -> add(given, section, key, kind));
    Section san = section.section("san").only("uri", "dns", "email");
    NAMES.forEach((key, kind) -> add(given, san, key, kind));
    return given;
  }

  private static void add(Map<Kind, List<String>> given, Section from, String key, Kind kind) {
    if (!from.has(key)) {
      return;
    }
    List<String> values = new ArrayList<>();
    for (String value : from.quoted(key)) {
      values.add(PolicyReader.value(new AttributeName(kind, ""), value, from));
    }
    given.put(kind, List.copyOf(values));
  }
}
