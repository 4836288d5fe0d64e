package io.guardbee.broker.policy;

import static io.guardbee.broker.policy.Texts.assertInvalid;
import static io.guardbee.broker.policy.Texts.assertRefused;
import static io.guardbee.broker.policy.Texts.rights;
import static io.guardbee.broker.policy.Texts.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.policy.Limits.OnClone;
import io.guardbee.broker.policy.Limits.Rate;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Reason;
import io.guardbee.pki.Subject;
import io.guardbee.testing.TestCa;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys of the document: whom a rule is for, how much it lets them do, its own tests. */
class LanguageTests {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  @Test
  void limitsAreRead() {
    Limits limits =
        rights(
                rule(
                    "maxConnections: 3",
                    "rates: { connects: 10/min, messages: 100/s, bytes: 1MB/s }",
                    "maxSubscriptions: 20",
                    "maxFilterLength: 100",
                    "maxFilterLevels: 7",
                    "maxSessions: 4",
                    "sessionExpiry: PT12H",
                    "maxQueuedMessages: 50",
                    "clones: refuse-new",
                    "lastWill: true",
                    "retained: keep"))
            .limits();
    assertThat(limits)
        .isEqualTo(
            new Limits(
                3,
                new Rate(10, 60 * SECOND),
                new Rate(100, SECOND),
                new Rate(1_000_000, SECOND),
                new SessionLimits(4, Duration.ofHours(12), 50, 20, 100, 7),
                OnClone.REFUSE_NEW,
                true,
                true));
    assertThat(limits.words())
        .isEqualTo(
            "3 connections, connects 10/min, messages 100/s, bytes 1000000/s, 20 subscriptions of"
                + " 100 octets and 7 levels, 4 sessions for PT12H, 50 queued messages, clones"
                + " refuse-new, Will even when revoked, retained messages kept when revoked");
  }

  @Test
  void limitsThatAreNotSaidAreTheStrictOnes() {
    assertThat(rights(rule()).limits()).isEqualTo(Limits.DEFAULT);
    assertThat(Limits.DEFAULT.maxConnections()).isEqualTo(1);
    assertThat(Limits.DEFAULT.messages().isLimited()).isTrue();
    assertThat(rights(rule("maxConnections: 8")).limits().sessions().maxSessions())
        .as("room for its connections under new client ids")
        .isEqualTo(16);
  }

  @Test
  void ratesMayBeLifted() {
    Limits limits = rights(rule("rates: { connects: none, messages: none, bytes: none }")).limits();
    assertThat(limits.connects()).isEqualTo(Rate.UNLIMITED);
    assertThat(limits.messages()).isEqualTo(Rate.UNLIMITED);
    assertThat(limits.bytes()).isEqualTo(Rate.UNLIMITED);
  }

  @ParameterizedTest
  @CsvSource({
    "500B/s, 500, 1",
    "64 KiB/s, 65536, 1",
    "2GiB/h, 2147483648, 3600",
    "5KB/min, 5000, 60",
    "7/s, 7, 1",
  })
  void bytesHaveUnits(String text, long amount, long seconds) {
    assertThat(rights(rule("rates: { bytes: " + text + " }")).limits().bytes())
        .isEqualTo(new Rate(amount, seconds * SECOND));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "maxConnections: 0 | maxConnections \"0\"",
        "maxConnections: many | maxConnections \"many\"",
        "maxSubscriptions: 0 | maxSubscriptions \"0\"",
        "maxSubscriptions: none | maxSubscriptions \"none\"",
        "maxSubscriptions: 1000000 | 1 to 999999",
        "maxSessions: -1 | maxSessions \"-1\"",
        "maxQueuedMessages: 1.5 | maxQueuedMessages \"1.5\"",
        "maxFilterLength: 65536 | 1 to 65535",
        "maxFilterLevels: 0 | maxFilterLevels \"0\"",
        "sessionExpiry: 7d | sessionExpiry \"7d\"",
        "sessionExpiry: 3600 | sessionExpiry \"3600\"",
        "sessionExpiry: -PT1H | sessionExpiry \"-PT1H\"",
        "sessionExpiry: PT0.5S | sessionExpiry \"PT0.5S\"",
        "sessionExpiry: P366D | from PT0S (no session outlives its connection) to P365D",
        "rates: { connects: never } | or none",
        "rates: { connects: 10 } | connects \"10\"",
        "rates: { connects: 0/s } | connects \"0/s\"",
        "rates: { connects: 1KB/s } | connects \"1KB/s\"",
        "rates: { bytes: 1TB/s } | bytes \"1TB/s\"",
        "rates: { bytes: 1MB/day } | bytes \"1MB/day\"",
        "rates: { bytes: -1/s } | bytes \"-1/s\"",
        "rates: { packets: 1/s } | unknown key \"packets\"",
        "clones: ignore | clones \"ignore\"",
        "lastWill: maybe | lastWill",
        "retained: drop | write keep or clear",
        "allow: [{ publish: a, shared: true }] | shared has no meaning",
        "allow: [{ subscribe: a, retain: true }] | retain has no meaning",
        "allow: [{ publish: a, retain: maybe }] | retain \"maybe\"",
        "allow: [{ subscribe: a, shared: maybe }] | shared \"maybe\"",
        "allow: [{ subscribe: $share/g/a, shared: false }] | shared is false",
        "allow: [{ subscribe: $share/g }] | topic filter",
        "allow: [{ subscribe: $share/+/a }] | topic filter",
        "allow: [{ subscribe: $share/g/$SYS/a }] | topic filter",
        "allow: [{ publish: $share/g/a }] | topic filter",
        "allow: [{ publish: [] }] | no topic filter",
        "allow: [{ publish: a, qos: [] }] | empty list",
        "allow: [{ publish: a, subscribe: a }] | either",
        "deny: [{ publish: $SYS/a }] | topic filter",
        "deny: [{ nothing: a }] | unknown key \"nothing\"",
      })
  void whatDoesNotFitIsRefusedWithItsPlace(String line, String part) {
    assertInvalid(rule(line), "policy.yaml at rules[0]", part);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "subject.CN: 42 | quotes",
        "subject.CN: 12E4 | quotes",
        "subject.CN: [a, true] | quotes",
        "subject.CN: [] | no value",
        "subject.CN: '' | 1 to",
        "serial: 0a | upper-case",
        "serial: \"12E4g\" | upper-case",
        "fingerprint: abc | sha256:",
        "san.ip: 1.2.3.4 | unknown attribute",
        "issuer.cn: a | unknown attribute",
        "subject.1.2: a | policy.yaml",
      })
  void conditionThatCanMatchNothingIsRefused(String condition, String part) {
    String policy =
        rule("allow: []")
            .replace("subject.OU: sensor", condition + (part.contains(".") ? ", z: z" : ""));
    assertInvalid(policy, "policy.yaml at rules[0]", part);
  }

  @Test
  void everyAttributeOfACertificateMayBeAsked() {
    TestCa authority = TestCa.root().authority("plant-7");
    TestCa own = authority.server("CN=d-1,OU=sensor,O=Acme");
    Subject subject = Subject.of(own.certificate().getSubjectX500Principal());
    Attributes attributes =
        Attributes.of(own.certificate(), new Identity(Identity.ISSUING, subject));
    for (String when :
        List.of(
            "subject.O: Acme",
            "issuer: issuing",
            "issuer.CN: plant-7",
            "san.dns: [other, localhost]",
            "profile: sensor",
            "serial: \"" + attributes.values(name("serial")).get(0) + "\"",
            "fingerprint: \"" + attributes.values(name("fingerprint")).get(0) + "\"")) {
      Policy policy = Policy.parse(rule().replace("subject.OU: sensor", when), "policy.yaml");
      assertThat(policy.rightsOf(attributes).rule()).as(when).isEqualTo("sensors");
    }
    Policy other =
        Policy.parse(rule().replace("subject.OU: sensor", "san.uri: urn:a"), "policy.yaml");
    assertRefused(() -> other.rightsOf(attributes), Reason.POLICY_NO_RULE, "sensor");
  }

  private static AttributeName name(String text) {
    return AttributeName.parse(text).orElseThrow();
  }

  /** A rule that does not apply anyway is no reason to refuse; one that might is. */
  @Test
  void attributeThatAppearsTwiceCountsOnlyWhereItDecides() {
    String two =
        rule().replace("subject.OU: sensor", "subject.OU: sensor, subject.O: Other")
            + """
              - name: acme
                when: { subject.O: Acme }
                clientId: "${subject.CN}"
            """;
    Attributes twice = Attributes.of(Subject.parse("CN=d-1,OU=sensor,OU=gateway,O=Acme"));
    assertThat(Policy.parse(two, "policy.yaml").rightsOf(twice).rule()).isEqualTo("acme");
    Attributes doubtful = Attributes.of(Subject.parse("CN=d-1,OU=sensor,OU=gateway,O=Other"));
    assertRefused(
        () -> Policy.parse(two, "policy.yaml").rightsOf(doubtful),
        Reason.ATTRIBUTE_INVALID,
        "subject.OU");
  }

  @Test
  void testsMaySayAllThatRulesAsk() {
    String policy =
        """
        version: 1
        rules:
          - name: plant
            when: { san.uri: "urn:plant:7", profile: meter, issuer: issuing }
            clientId: "${subject.CN}/*"
            allow:
              - { publish: a/b, qos: 1, retain: only }
              - { subscribe: a/b, shared: only }
        tests:
          - as: "CN=d-1,OU=sensor"
            profile: meter
            san: { uri: ["urn:other", "urn:plant:7"] }
            clientId: d-1/x
            may:
              - connect d-1/y
              - publish a/b
              - publish a/b qos 1 retain
              - subscribe a/b shared
              - subscribe $share/g/a/b qos 2
            mayNot: [connect d-2/y, publish a/b qos 2, subscribe a/b]
          - as: "CN=d-1,OU=sensor"
            profile: meter
            san: { uri: "urn:plant:7" }
            clientId: d-1
            mayNot: [publish a/b]
          - as: "CN=d-1,OU=meter"
            san: { uri: "urn:plant:7" }
            issuer: operations
            mayNot: [connect d-1/x]
        """;
    assertThat(Policy.parse(policy, "policy.yaml").statements()).isEqualTo(10);
    assertInvalid(
        policy.replace("clientId: d-1/x", "clientId: d-2/x"), "may connect d-1/y", "\"d-2/x\"");
    assertInvalid(policy.replace("\"urn:other\", \"urn:plant:7\"", "\"urn:other\""), "no rule");
    assertInvalid(policy.replace("mayNot: [connect d-2/y", "mayNot: [connect d-1/z"), "mayNot");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "as: CN=d-1",
        "{ as: CN=d-1, may: [jump] }",
        "{ as: CN=d-1, may: [publish a/+] }",
        "{ as: CN=d-1, may: [publish a qos 3] , x: y}",
        "{ as: CN=d-1, may: [publish a shared] }",
        "{ as: CN=d-1, may: [subscribe a retain] }",
        "{ as: CN=d-1, may: [connect] }",
        "{ as: nonsense, may: [publish a] }",
        "{ as: CN=d-1, san: { ip: a }, may: [publish a] }",
        "{ as: CN=d-1, serial: 12, may: [publish a] }",
      })
  void testThatTestsNothingIsRefused(String test) {
    assertInvalid(rule() + "tests: [" + test + "]\n", "policy.yaml at tests[0]");
  }

  /** Whatever attribute the index chooses, the first matching rule decides. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void manyRulesDecideAsTheyStand(long seed) {
    Random random = new Random(seed);
    List<String> attributes = List.of("subject.OU", "subject.O", "subject.CN", "profile");
    List<List<String>> wanted = new ArrayList<>();
    StringBuilder text = new StringBuilder("version: 1\nrules:\n");
    for (int i = 0; i < 60; i++) {
      List<String> when = new ArrayList<>();
      for (String attribute : attributes) {
        when.add(random.nextInt(3) > 0 ? "" : attribute + ": v" + random.nextInt(6));
      }
      wanted.add(when);
      List<String> said = when.stream().filter(one -> !one.isEmpty()).toList();
      text.append("  - name: r")
          .append(i)
          .append("\n    clientId: \"${subject.CN}\"\n    when: { ");
      text.append(said.isEmpty() ? "issuer: issuing" : String.join(", ", said)).append(" }\n");
    }
    Policy policy = Policy.parse(text.toString(), "policy.yaml");
    for (int i = 0; i < 300; i++) {
      String unit = "v" + random.nextInt(7);
      String company = "v" + random.nextInt(7);
      String own = "v" + random.nextInt(7);
      String expected = first(wanted, List.of(unit, company, own, unit));
      Subject subject = Subject.parse("CN=" + own + ",OU=" + unit + ",O=" + company);
      assertThat(policy.rightsOf(Attributes.of(subject)).rule())
          .as(subject + " of " + text)
          .isEqualTo(expected);
    }
  }

  private static String first(List<List<String>> wanted, List<String> values) {
    for (int rule = 0; rule < wanted.size(); rule++) {
      boolean all = true;
      for (int i = 0; i < values.size(); i++) {
        String said = wanted.get(rule).get(i);
        all &= said.isEmpty() || said.endsWith(": " + values.get(i));
      }
      if (all) {
        return "r" + rule;
      }
    }
    return "none";
  }
}
