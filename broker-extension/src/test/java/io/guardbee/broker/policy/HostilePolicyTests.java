package io.guardbee.broker.policy;

import static io.guardbee.broker.policy.Texts.assertInvalid;
import static io.guardbee.broker.policy.Texts.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Subject;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Documents that are made to hurt whoever reads them. */
class HostilePolicyTests {

  @Test
  void tooLargeOneIsRefusedUnread() {
    assertInvalid(rule() + "#".repeat(1_000_000), "larger than 1000000");
    assertInvalid(rule() + "# " + "ä".repeat(500_000), "larger than 1000000");
  }

  @Test
  void tooManyRulesAreRefused() {
    String text =
        IntStream.range(0, 1001)
            .mapToObj(
                i -> "- {name: r" + i + ", when: {profile: p}, clientId: \"${subject.CN}\"}\n")
            .collect(Collectors.joining("", "version: 1\nrules:\n", ""));
    assertInvalid(text, "1001 rules");
  }

  @Test
  void tooManyEntriesAreRefused() {
    String filters =
        IntStream.range(0, 201).mapToObj(i -> "a/" + i).collect(Collectors.joining(", "));
    assertInvalid(rule("allow:", "  - publish: [" + filters + "]"), "201 topic filters");
  }

  @Test
  void tooManyStatementsAreRefused() {
    String requests = "publish a, ".repeat(10_001);
    assertInvalid(
        rule() + "tests: [{as: CN=d-1, mayNot: [" + requests + "]}]", "too many statements");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x: &a [b, b]\n",
        "x: *a\n",
        "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n",
        "<<: *a\n",
        "x: !!binary aGVsbG8=\n",
        "x: !!java.net.URL [http://localhost]\n",
      })
  void anchorsAliasesAndTagsAreRefused(String lines) {
    assertInvalid(lines + rule(), "policy.yaml line", "anchor, alias or tag");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "a",
        "version: 1\n---\nversion: 1\n",
        "version: 1\nversion: 1\n",
        "version: {1: 2}\n",
        "? [a, b]\n: c\n",
        "{ {a: b}: c }",
        "\t- a",
        "version: \"\0\"",
      })
  void whatIsNoPolicyIsRefused(String text) {
    assertInvalid(text, "policy.yaml");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{a: ", "- ", "? "})
  void deepNestingIsRefused(String level) {
    assertInvalid("version: 1\nrules: " + level.repeat(100_000), "policy.yaml");
    assertInvalid(level.repeat(100_000), "policy.yaml");
  }

  @Test
  void longNamesAreRefused() {
    String digits = "1" + ".1".repeat(400);
    assertInvalid(rule().replace("subject.OU: sensor", "subject." + digits + ": a"), "attribute");
    assertInvalid(rule().replace("subject.OU: sensor", "serial: " + digits), "serial");
    assertInvalid(rule("allow:", "  - publish: " + "a/".repeat(50_000)), "too long");
    assertInvalid(rule().replace("name: sensors", "name: " + "n".repeat(200)), "name");
    assertInvalid(rule().replace("name: sensors", "name: \"a\\u202eb\""), "name");
    assertInvalid(rule() + "tests: [{as: CN=d-1, may: [publish " + "a".repeat(9_999) + "]}]", "at");
  }

  /** As large as it may be: it is read, tested and asked all the same. */
  @Test
  void largestPolicyIsGood() {
    String text =
        IntStream.range(0, 1000)
            .mapToObj(
                i ->
                    "- {name: r"
                        + i
                        + ", when: {subject.OU: u"
                        + i
                        + ", issuer: issuing}, clientId: \"${subject.CN}\", allow: [{publish:"
                        + " [\"a/${subject.CN}/#\", b/"
                        + i
                        + "]}]}\n")
            .collect(Collectors.joining("", "version: 1\nrules:\n", ""));
    String tests =
        "tests: [{as: \"CN=d,OU=u999\", may: [" + "publish a/d/x, ".repeat(10_000) + "]}]\n";
    Policy policy = Policy.parse(text + tests, "policy.yaml");
    assertThat(policy.statements()).isEqualTo(10_000);
    Attributes last = Attributes.of(Subject.parse("CN=d,OU=u999"));
    assertThat(policy.rightsOf(last).rule()).isEqualTo("r999");
  }

  /** An index over so many values times so many rules that do not ask would fill the memory. */
  @Test
  void indexDoesNotGrowBeyondMeasure() {
    String values =
        IntStream.range(0, 40_000).mapToObj(i -> "v" + i).collect(Collectors.joining(","));
    String others =
        IntStream.range(0, 900)
            .mapToObj(
                i -> "- {name: r" + i + ", when: {profile: p}, clientId: \"${subject.CN}\"}\n")
            .collect(Collectors.joining());
    String first =
        "- {name: first, when: {subject.O: [" + values + "]}, clientId: \"${subject.CN}\"}\n";
    Policy policy = Policy.parse("version: 1\nrules:\n" + first + others, "policy.yaml");
    Attributes one = Attributes.of(Subject.parse("CN=d,OU=p,O=v39999"));
    assertThat(policy.rightsOf(one).rule()).isEqualTo("first");
  }
}
