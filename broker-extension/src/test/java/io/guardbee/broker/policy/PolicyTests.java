package io.guardbee.broker.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.broker.policy.Permission.Activity;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.Subject;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a policy document means, and what it must not say. */
class PolicyTests {

  private static final String RULE =
      """
      version: 1
      rules:
        - name: sensors
          when: { subject.OU: sensor }
          clientId: "${subject.CN}"
          allow:
            - publish: "devices/${subject.CN}/telemetry/#"
      """;

  private static Policy policy(String text) {
    return Policy.parse(text, "policy.yaml");
  }

  private static Rights rights(String policy, String subject) {
    return policy(policy).rightsOf(Attributes.of(Subject.parse(subject)));
  }

  private static void assertRefused(ThrowingCallable call, Reason reason, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(reason);
              assertThat(List.of(parts)).allSatisfy(part -> assertThat(e.line()).contains(part));
            });
  }

  @Test
  void defaultPolicyOfTheZipIsGood() {
    Path file = Path.of("src/main/extension/conf/policy.yaml");
    Policy policy = Policy.read(file);
    assertThat(policy.ruleNames()).contains("sensors", "gateways", "backends");
    assertThat(policy.statements()).isGreaterThan(10);
  }

  @Test
  void exampleOfTheReadmeIsGood() throws IOException {
    String readme = Files.readString(Path.of("../README.md"));
    int begin = readme.indexOf("```yaml\nversion: 1") + "```yaml\n".length();
    Policy policy = policy(readme.substring(begin, readme.indexOf("```", begin)));
    assertThat(policy.ruleNames()).containsExactly("meters");
    assertThat(policy.statements()).isGreaterThan(3);
  }

  @Test
  void firstMatchingRuleDecides() {
    String two =
        RULE
            + """
              - name: all
                when: { issuer: issuing }
                clientId: "${subject.CN}"
            """;
    assertThat(rights(two, "CN=d-1,OU=sensor").rule()).isEqualTo("sensors");
    assertThat(rights(two, "CN=d-1,OU=toaster").rule()).isEqualTo("all");
  }

  @Test
  void noMatchingRuleMeansRefused() {
    assertRefused(() -> rights(RULE, "CN=d-1,OU=toaster"), Reason.POLICY_NO_RULE, "toaster");
  }

  @Test
  void valuesAreExactOrOneOfAList() {
    String list = RULE.replace("subject.OU: sensor", "subject.OU: [sensor, meter]");
    assertThat(rights(list, "CN=d-1,OU=meter").rule()).isEqualTo("sensors");
    assertRefused(() -> rights(list, "CN=d-1,OU=Meter"), Reason.POLICY_NO_RULE);
    assertRefused(() -> rights(list, "CN=d-1,OU=sensors"), Reason.POLICY_NO_RULE);
  }

  @Test
  void allConditionsMustMatch() {
    String both = RULE.replace("subject.OU: sensor", "subject.OU: sensor, subject.O: Acme");
    assertThat(rights(both, "CN=d-1,OU=sensor,O=Acme").rule()).isEqualTo("sensors");
    assertRefused(() -> rights(both, "CN=d-1,OU=sensor,O=Other"), Reason.POLICY_NO_RULE);
    assertRefused(() -> rights(both, "CN=d-1,OU=sensor"), Reason.POLICY_NO_RULE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CN=\\+,OU=sensor",
        "CN=\\#,OU=sensor",
        "CN=a\\+b,OU=sensor",
        "CN=a/b,OU=sensor",
        "CN=$SYS,OU=sensor",
        "CN=a\\00b,OU=sensor",
        "CN=a\\0ab,OU=sensor",
        "CN=a\\E2\\80\\AEb,OU=sensor",
        "CN=d-1,CN=d-2,OU=sensor",
        "CN=d-1,OU=sensor,OU=sensor",
        "OU=sensor",
      })
  void hostileOrAmbiguousValueIsRefused(String subject) {
    assertRefused(() -> rights(RULE, subject), Reason.ATTRIBUTE_INVALID);
  }

  @Test
  void attributesOfACertificateAreAtHand() {
    TestCa device = TestCa.root().authority("issuing").device("d-1");
    Attributes attributes =
        Attributes.of(
            device.certificate(),
            new Identity("issuing", Subject.of(device.certificate().getSubjectX500Principal())));
    assertThat(attributes.single(name("serial")))
        .isEqualTo(Serial.of(device.certificate()).toString());
    assertThat(attributes.single(name("issuer"))).isEqualTo("issuing");
    assertThat(attributes.single(name("issuer.CN"))).isEqualTo("issuing");
    assertThat(attributes.single(name("profile"))).isEqualTo("sensor");
    assertThat(attributes.single(name("subject.O"))).isEqualTo("Acme");
    assertThat(attributes.single(name("fingerprint"))).startsWith("sha256:");
  }

  @Test
  void alternativeNamesMayRepeatInConditionsButNotInTopics() {
    TestCa server = TestCa.root().authority("issuing").server("CN=d-1,OU=sensor");
    Attributes attributes =
        Attributes.of(
            server.certificate(),
            new Identity("issuing", Subject.of(server.certificate().getSubjectX500Principal())));
    assertThat(attributes.values(name("san.dns"))).contains("localhost");
    assertThat(attributes.single(name("san.dns"))).isEqualTo("localhost");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "version: 2 | version: 1 | version \"2\"",
        "polcy: x\\nversion: 1 | version: 1 | \"polcy\"",
        "nmae: sensors | name: sensors | \"nmae\"",
        "subject.XX_: sensor | subject.OU: sensor | \"subject.XX_\"",
        "'${subject.CN' | \"${subject.CN}\" | open ${",
        "'${subject.cn}' | \"${subject.CN}\" | \"subject.cn\"",
        "'${subject.CN}*' | \"${subject.CN}\" | final /*",
        "\"*/${subject.CN}\" | \"${subject.CN}\" | final /*",
        "fixed | \"${subject.CN}\" | same for many",
        "'${subject.OU}' | \"${subject.CN}\" | same for many",
        "'a/#/b' | \"devices/${subject.CN}/telemetry/#\" | topic filter",
        "'a/b+' | \"devices/${subject.CN}/telemetry/#\" | topic filter",
        "'$SYS/#' | \"devices/${subject.CN}/telemetry/#\" | topic filter",
        "\"#${subject.CN}\" | \"devices/${subject.CN}/telemetry/#\" | topic filter",
        "receive | publish | \"receive\"",
      })
  void whatDoesNotFitIsRefusedWithItsPlace(String put, String inPlaceOf, String part) {
    String broken = RULE.replace(inPlaceOf, put.replace("\\n", "\n"));
    assertThat(broken).isNotEqualTo(RULE);
    assertRefused(() -> policy(broken), Reason.POLICY_INVALID, "policy.yaml", part);
  }

  @Test
  void placeIsNamed() {
    assertRefused(
        () -> policy(RULE + "        qos: 3\n"),
        Reason.POLICY_INVALID,
        "policy.yaml at rules[0].allow[0]",
        "\"3\"");
  }

  @Test
  void keyThatStandsTwiceIsRefused() {
    assertRefused(() -> policy(RULE + "version: 1\n"), Reason.POLICY_INVALID, "line");
  }

  @Test
  void policyThatFailsItsOwnTestsIsRefused() {
    String tested =
        RULE
            + """
            tests:
              - as: "CN=d-1,OU=sensor"
                may: ["publish devices/d-1/telemetry/x", "subscribe devices/d-1/x"]
                mayNot: ["publish devices/d-1/telemetry/y"]
            """;
    assertRefused(
        () -> policy(tested),
        Reason.POLICY_INVALID,
        "may subscribe devices/d-1/x, but rule sensors does not allow it",
        "mayNot publish devices/d-1/telemetry/y, but it is allowed");
  }

  @Test
  void clientIdIsExactOrHasASuffix() {
    Rights exact = rights(RULE, "CN=d-1,OU=sensor");
    assertThat(exact.use("d-1")).isSameAs(exact);
    for (String other : List.of("d-10", "d-1/", "d-1/a", "D-1", "", "d-2")) {
      assertRefused(() -> exact.use(other), Reason.CLIENT_ID_MISMATCH, other);
    }
    Rights suffix = rights(RULE.replace("N}\"\n", "N}/*\"\n"), "CN=d-1,OU=sensor");
    assertThat(suffix.use("d-1/a/b")).isSameAs(suffix);
    for (String other : List.of("d-1", "d-1/", "d-10/a", "x/d-1/a")) {
      assertRefused(() -> suffix.use(other), Reason.CLIENT_ID_MISMATCH, other);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a/b, a/b, true",
    "a/b, a/c, false",
    "a/+, a/b, true",
    "a/+, a/, true",
    "a/+, a, false",
    "a/+, a/b/c, false",
    "a/#, a, true",
    "a/#, a/b/c, true",
    "a/#, ab, false",
    "#, a/b, true",
    "#, $SYS/x, false",
    "+/x, $SYS/x, false",
    "a/b, a/+, false",
    "a/#, a/+, false",
  })
  void publishTopicsMatchAsMqttSays(String filter, String topic, boolean matches) {
    Permission permission = allow(Activity.PUBLISH, filter);
    assertThat(permission.covers(Activity.PUBLISH, topic)).isEqualTo(matches);
    assertThat(permission.covers(Activity.SUBSCRIBE, topic)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "a/#, a/+, true",
    "a/#, a/b/#, true",
    "a/#, a/#, true",
    "a/#, #, false",
    "a/#, +/b, false",
    "a/+, a/#, false",
    "a/+/c, a/+/c, true",
    "a/+/c, a/b/c, true",
    "a/b/c, a/+/c, false",
    "a/b, a/b/#, false",
    "a/#, $share/g/a/b, true",
    "a/#, $share/g/b, false",
    "a/#, $share//a/b, false",
    "#, $share/g/$SYS/x, false",
    "a/#, a/b#, false",
  })
  void subscriptionsAreCoveredAsMqttSays(String filter, String asked, boolean covered) {
    Permission permission = allow(Activity.SUBSCRIBE, filter);
    assertThat(permission.covers(Activity.SUBSCRIBE, asked)).isEqualTo(covered);
  }

  private static AttributeName name(String text) {
    return AttributeName.parse(text).orElseThrow();
  }

  private static Permission allow(Activity activity, String filter) {
    return new Permission(
        Permission.Effect.ALLOW,
        activity,
        filter,
        java.util.Set.of(0),
        Permission.Retained.NEVER,
        Permission.Shared.ANY);
  }
}
