package io.guardbee.broker.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Policies to ask, made of a few lines. */
final class Texts {

  static final String SENSOR = "CN=d-1,OU=sensor,O=Acme";

  private Texts() {}

  /** One rule for sensors; the lines come below it, each as it stands in a file. */
  static String rule(String... lines) {
    StringBuilder text =
        new StringBuilder(
            """
            version: 1
            rules:
              - name: sensors
                when: { subject.OU: sensor }
                clientId: "${subject.CN}"
            """);
    for (String line : lines) {
      text.append("    ").append(line).append('\n');
    }
    return text.toString();
  }

  static Rights rights(String policy) {
    return Policy.parse(policy, "policy.yaml").rightsOf(Attributes.of(Subject.parse(SENSOR)));
  }

  static Decision decide(String policy, String request) {
    return Request.parse(request).decide(rights(policy));
  }

  static void assertRefused(ThrowingCallable call, Reason reason, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(reason);
              assertThat(List.of(parts)).allSatisfy(part -> assertThat(e.line()).contains(part));
            });
  }

  static void assertInvalid(String policy, String... parts) {
    assertRefused(() -> Policy.parse(policy, "policy.yaml"), Reason.POLICY_INVALID, parts);
  }
}
