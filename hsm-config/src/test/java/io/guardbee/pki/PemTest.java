package io.guardbee.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.testing.TestCa;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PemTest {

  private static final TestCa ROOT = TestCa.root();
  private static final TestCa DEVICE = ROOT.authority("issuing").device("d-1");

  @Test
  void chainReadsBackInItsOrder() {
    String text = Pem.certificates(DEVICE.chain());

    assertThat(Pem.parseCertificates(text)).isEqualTo(DEVICE.chain()).hasSize(2);
    assertThat(Pem.parseCertificates(text.replace("\n", "\r\n"))).isEqualTo(DEVICE.chain());
    assertThat(text.lines())
        .allMatch(line -> line.length() <= 64)
        .last()
        .asString()
        .contains("END");
    assertThat(text).endsWith("-----\n");
  }

  @Test
  void derReadsBack() throws Exception {
    byte[] der = DEVICE.certificate().getEncoded();
    String text = Pem.certificate(DEVICE.certificate());

    assertThat(Pem.decode(der)).isEqualTo(DEVICE.certificate());
    assertThat(Pem.der("CERTIFICATE", "words before\n" + text + "words after")).isEqualTo(der);
    assertThat(Pem.der("PRIVATE KEY", Pem.privateKey(DEVICE.key())))
        .isEqualTo(DEVICE.key().getEncoded());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "d-1",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nMIIB\n",
        "-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
      })
  void textWithoutACertificateIsRefused(String text) {
    assertRefused(() -> Pem.parseCertificates(text));
  }

  @Test
  void oneBrokenCertificateSpoilsTheChain() {
    String good = Pem.certificate(ROOT.certificate());

    assertRefused(() -> Pem.parseCertificates(good + good.substring(0, good.length() / 2)));
    assertRefused(
        () -> Pem.parseCertificates(good + Pem.block("CERTIFICATE", new byte[] {0x30, 1})));
  }

  @Test
  void otherLabelsAndOtherOctetsAreRefused() {
    assertRefused(() -> Pem.der("CERTIFICATE", Pem.privateKey(DEVICE.key())));
    assertRefused(() -> Pem.der("X", "-----END X-----\n-----BEGIN X-----"));
    assertRefused(() -> Pem.der("X", "-----BEGIN X-----\nA\n-----END X-----"));
    assertRefused(() -> Pem.decode(new byte[0]));
    assertRefused(() -> Pem.decode(new byte[] {0x30, (byte) 0x84, 127, 127, 127, 127}));
    assertRefused(() -> Pem.decode(new byte[100]));
  }

  @Test
  void fileIsNamedInItsError(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("ca.pem"), "nothing");

    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> Pem.readCertificates(file))
        .withMessageContaining(file.toString());
    assertThatThrownBy(() -> Pem.readCertificates(directory.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
    Files.writeString(file, Pem.certificate(ROOT.certificate()));
    assertThat(Pem.readCertificates(file)).isEqualTo(List.of(ROOT.certificate()));
  }

  private static void assertRefused(ThrowingCallable call) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(call)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.REQUEST_MALFORMED))
        .satisfies(e -> assertThat(e.line().lines()).hasSize(1));
  }
}
