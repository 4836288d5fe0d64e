package io.guardbee.agent.enrol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.agent.EstStub;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.ServerRole;
import io.guardbee.testing.TestCa;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Whom a device believes at first contact (RFC 7030 §4.1.1). */
class FirstContactTest {

  private final TestCa root = TestCa.root();
  private final TestCa operations = root.operations();
  private final TestCa server = operations.service();

  @Test
  void serverBelowTheRootWithThatFingerprintIsBelieved() throws Exception {
    try (EstStub est = EstStub.naming(server, operations.certificate(), root.certificate())) {
      assertThat(FirstContact.introduce(est.uri(), print(root)).root())
          .isEqualTo(root.certificate());
    }
  }

  @Test
  void otherFingerprintIsRefusedAndNothingButTheAuthoritiesWasAskedFor() throws Exception {
    try (EstStub est = EstStub.naming(server, operations.certificate(), root.certificate())) {
      assertRefused(
          () -> FirstContact.introduce(est.uri(), print(TestCa.root())), "has no authority with");
      assertThat(est.requests()).containsExactly("cacerts");
    }
  }

  @Test
  void serverThatOnlyShowsTheRightRootIsRefused() throws Exception {
    TestCa impostor = TestCa.root("Impostor").server("CN=localhost");
    try (EstStub est = EstStub.naming(impostor, root.certificate())) {
      assertRefused(
          () -> FirstContact.introduce(est.uri(), print(root)), "does not prove who it is");
      assertThat(est.requests()).containsExactly("cacerts");
    }
  }

  @Test
  void serverWithAnotherHostNameIsRefused() throws Exception {
    TestCa elsewhere = operations.client("CN=localhost"); // right authority, no such SAN
    try (EstStub est = EstStub.naming(elsewhere, root.certificate())) {
      assertRefused(
          () -> FirstContact.introduce(est.uri(), print(root)), "does not prove who it is");
      assertThat(est.requests()).containsExactly("cacerts");
    }
  }

  /** The key of a broker, of a granted server, and what an issuing authority could sign. */
  @Test
  void otherCertificateOfThisInstallationIsNoServerAndNothingIsSent() throws Exception {
    String service = "CN=" + ServerRole.SERVICE_NAME + ",OU=server";
    for (TestCa impostor :
        List.of(
            operations.server("CN=broker-1,OU=broker"),
            operations.listener("CN=broker-1,OU=broker"),
            operations.server("CN=pki.example,OU=server"),
            operations.listener("CN=pki.example,OU=server"),
            operations.server(service),
            root.authority("Guardbee Issuing CA").listener(service))) {
      try (EstStub est = EstStub.naming(impostor, operations.certificate(), root.certificate())) {
        assertRefused(() -> FirstContact.introduce(est.uri(), print(root)), "the Guardbee service");
        assertThat(est.requests()).containsExactly("cacerts");
      }
    }
  }

  @Test
  void fingerprintOfAnIntermediateAuthorityIsRefused() throws Exception {
    try (EstStub est = EstStub.naming(server, operations.certificate(), root.certificate())) {
      assertRefused(
          () -> FirstContact.introduce(est.uri(), print(operations)), "not a root authority");
    }
  }

  @Test
  void fingerprintOfTheServersOwnCertificateIsRefused() throws Exception {
    X509Certificate leaf = server.certificate();
    try (EstStub est = EstStub.naming(server, leaf)) {
      assertRefused(
          () -> FirstContact.introduce(est.uri(), Fingerprint.of(leaf)), "not a root authority");
    }
  }

  @Test
  void addressWhereNothingListensIsNamed() {
    assertThatThrownBy(() -> FirstContact.introduce(URI.create("https://localhost:1"), print(root)))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.SERVICE_UNREACHABLE);
              assertThat(e.line()).contains("https://localhost:1");
            });
  }

  private static Fingerprint print(TestCa ca) {
    return Fingerprint.of(ca.certificate());
  }

  private static void assertRefused(ThrowingCallable contact, String why) {
    assertThatThrownBy(contact)
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.CERTIFICATE_UNTRUSTED);
              assertThat(e.detail()).contains(why);
              assertThat(e.nextStep()).contains("nothing was sent");
            });
  }
}
