package io.guardbee.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.Credential;
import io.guardbee.pki.Pem;
import io.guardbee.pki.RefusedException;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialFilesTest {

  @TempDir private Path directory;

  private static Credential credential(String name) {
    TestCa made = TestCa.root().client("CN=" + name);
    return new Credential(made.key(), made.chain());
  }

  private CredentialFiles files() {
    return new CredentialFiles(directory.resolve("own.pem"), directory.resolve("own.key"));
  }

  @Test
  void whatWasWrittenIsReadAndTheKeyIsForItsOwnerOnly() throws IOException {
    Credential first = credential("first");
    files().write(first);
    assertThat(files().read()).isEqualTo(first);
    assertThat(Files.getPosixFilePermissions(files().key()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(directory.toFile().list()).containsExactlyInAnyOrder("own.pem", "own.key");
  }

  /** As the power left them: the key is new, the certificate is not. */
  @Test
  void replacementThatWasCutOffIsCompleted() throws IOException {
    Credential next = credential("next");
    files().write(credential("first"));
    Files.writeString(directory.resolve("own.key.staged"), Pem.privateKey(next.key()));
    Files.writeString(directory.resolve("own.pem.staged"), Pem.certificates(next.chain()));
    Files.writeString(files().key(), Pem.privateKey(next.key()));
    assertThat(files().read()).isEqualTo(next);
    assertThat(Files.readString(files().certificate())).isEqualTo(Pem.certificates(next.chain()));
  }

  @Test
  void replacementThatHadNotBegunIsPassedOver() throws IOException {
    Credential first = credential("first");
    files().write(first);
    Files.writeString(directory.resolve("own.key.staged"), Pem.privateKey(credential("x").key()));
    assertThat(files().read()).isEqualTo(first);
  }

  @Test
  void keyOfAnotherCertificateIsRefused() throws IOException {
    files().write(credential("first"));
    Files.writeString(files().key(), Pem.privateKey(credential("other").key()));
    assertThatThrownBy(() -> files().read())
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("own.key");
  }

  @Test
  void keyInATokenIsNamedBesideItsCertificateAndHasNoFile() throws IOException {
    Credential next = credential("in-token");
    files().write(credential("first"));
    assertThat(files().keyUri()).isEmpty();
    files().write(next.chain(), "pkcs11:token=t;object=k");
    assertThat(files().keyUri()).contains("pkcs11:token=t;object=k");
    assertThat(files().readFor(next.leaf().getPublicKey())).isEqualTo(next.chain());
    assertThat(directory.toFile().list()).containsExactlyInAnyOrder("own.pem", "own.uri");
    assertThatThrownBy(() -> files().readFor(credential("other").leaf().getPublicKey()))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("own.uri");

    Credential last = credential("last");
    files().write(last);
    assertThat(files().keyUri()).isEmpty();
    assertThat(files().read()).isEqualTo(last);
  }

  /** As the power left them: the token is named, the certificate is still the former one. */
  @Test
  void moveIntoATokenThatWasCutOffIsCompleted() throws IOException {
    Credential next = credential("in-token");
    files().write(credential("first"));
    Files.writeString(directory.resolve("own.pem.staged"), Pem.certificates(next.chain()));
    Files.writeString(directory.resolve("own.uri"), "pkcs11:token=t;object=k\n");
    assertThat(files().readFor(next.leaf().getPublicKey())).isEqualTo(next.chain());
    assertThat(directory.toFile().list()).containsExactlyInAnyOrder("own.pem", "own.uri");
    assertThat(Files.readString(files().certificate())).isEqualTo(Pem.certificates(next.chain()));
  }
}
