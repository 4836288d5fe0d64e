package io.guardbee.hsm.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfileFileTest {

  private static final String ACME =
      """
      name: acme
      title: Acme Vault
      modulePaths: [/opt/acme/libacme.so]
      recognise:
        - libraryManufacturer: Acme*
          tokenModel: Vault 9
      prefer:
        ecdsa: [CKM_ECDSA_SHA256, CKM_ECDSA]
      avoid: [CKM_RSA_PKCS]
      quirks:
        ecPoint: raw
        maxSessions: 3
        handleLife: connection
        omit: [CKA_DERIVE]
        refuse: {rsa-4096: too slow}
        sessionObjects: false
        login: {pin: eight digits}
      environment: {ACME_CONF: its configuration}
      notes: [it is imaginary]
      sources:
        ecPoint:
          - from: https://acme.example/manual
            says: points are bare
      """;

  private static final ModuleIdentity VAULT =
      new ModuleIdentity("Acme Corp", "Acme Cryptoki", "Acme", "Vault 9");

  @TempDir private Path directory;

  private VendorProfiles load() {
    return VendorProfiles.load(directory.toString());
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(directory.resolve(file), text);
  }

  @Test
  void moduleOfAnotherVendorIsKnownByAFileOfTheUser() throws IOException {
    write("acme.yaml", ACME);
    write("readme.txt", "not read");
    VendorProfile acme = load().matching(VAULT);
    assertThat(acme.name()).isEqualTo("acme");
    assertThat(acme.prefer("ecdsa")).containsExactly("CKM_ECDSA_SHA256", "CKM_ECDSA");
    assertThat(acme.prefer("eddsa")).isEmpty();
    assertThat(acme.avoid()).containsExactly("CKM_RSA_PKCS");
    assertThat(acme.ecPoint()).isEqualTo(EcPoint.RAW);
    assertThat(acme.maxSessions()).hasValue(3);
    assertThat(acme.handleLife()).isEqualTo(HandleLife.CONNECTION);
    assertThat(acme.omit()).containsExactly("CKA_DERIVE");
    assertThat(acme.refusal("rsa-4096")).contains("too slow");
    assertThat(acme.sessionObjects()).contains(false);
    assertThat(acme.certificateObjects()).isEmpty();
    assertThat(acme.quirks().login().pin()).contains("eight digits");
    assertThat(acme.environment()).containsEntry("ACME_CONF", "its configuration");
    assertThat(load().list()).hasSize(VendorProfiles.BUILT_IN.size() + 1);
  }

  @Test
  void fileOfTheUserGoesBeforeABuiltInOneForTheSameModule() throws IOException {
    write(
        "our-softhsm.yaml",
        "name: our-softhsm\ntitle: Ours\nrecognise: [{libraryManufacturer: SoftHSM}]\n");
    assertThat(load().matching(new ModuleIdentity("SoftHSM", "", "SoftHSM project", "SoftHSM v2")))
        .extracting(VendorProfile::name)
        .isEqualTo("our-softhsm");
  }

  @Test
  void fileOfTheUserReplacesABuiltInOneOfTheSameName() throws IOException {
    write("luna.yaml", "name: luna\ntitle: Ours\nrecognise: [{tokenModel: Luna*}]\n");
    VendorProfiles profiles = load();
    assertThat(profiles.list()).hasSize(VendorProfiles.BUILT_IN.size());
    assertThat(profiles.matching(new ModuleIdentity("SafeNet", "Chrystoki", "x", "y")).name())
        .isEqualTo("conservative");
  }

  @Test
  void twoFilesOfTheUserForOneModuleAreRefused() throws IOException {
    write("acme.yaml", ACME);
    write("acme-2.yaml", ACME.replace("name: acme", "name: acme-2"));
    VendorProfiles profiles = load();
    assertThatThrownBy(() -> profiles.matching(VAULT))
        .isInstanceOf(RefusedException.class)
        .hasMessageContainingAll("acme.yaml", "acme-2.yaml");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "title: Acme Vault   | 'title: a\ncolour: red'    | colour | modulePaths",
        "maxSessions: 3      | 'maxSession: 3'            | quirks.maxSession\" | maxSessions",
        "maxSessions: 3      | 'maxSessions: many'        | quirks.maxSessions | whole number",
        "maxSessions: 3      | 'maxSessions: 0'           | quirks.maxSessions | 1 to 1024",
        "maxSessions: 3      | 'ecPoint: raw'             | ecPoint | YAML",
        "ecPoint: raw        | 'ecPoint: bare'            | quirks.ecPoint | raw or wrapped or either",
        "handleLife: connection | 'handleLife: for ever'  | quirks.handleLife | session or connection",
        "sessionObjects: false  | 'sessionObjects: no way' | quirks.sessionObjects | true or false",
        "[CKA_DERIVE]        | '[CKA_DERIVE, CKA_DERIVE]' | quirks.omit | twice",
        "[CKA_DERIVE]        | '[CKA_SENSITIVE]'          | CKA_SENSITIVE | keeps a key",
        "[CKA_DERIVE]        | '[DERIVE]'                 | DERIVE | header",
        "[CKM_RSA_PKCS]      | '[CKM_RSA-PKCS]'           | CKM_RSA-PKCS | header",
        "[CKM_RSA_PKCS]      | '[CKM_ECDSA]'              | CKM_ECDSA | avoid",
        "[CKM_RSA_PKCS]      | 'CKM_RSA_PKCS'             | avoid | a list",
        "ecdsa:              | 'ecdas:'                   | ecdas | ecdsa, rsa-pkcs1",
        "rsa-4096:           | 'rsa-9000:'                | rsa-9000 | ec-p256",
        "tokenModel: Vault 9 | 'model: Vault 9'           | recognise.model | tokenModel",
        "tokenModel: Vault 9 | 'tokenModel: V*9'          | tokenModel | pattern",
        "tokenModel: Vault 9 | 'tokenModel: 9'            | recognise.tokenModel | quotes",
        "name: acme          | 'name: acne'               | name | rename the file",
        "title: Acme Vault   | '# no title'               | title | missing",
        "'  ecPoint:\n    -'  | '  handleLive:\n    -'     | handleLive | ecPoint",
        "https://acme        | 'see acme'                 | see acme | https://",
        "says: points        | 'note: points'             | says | missing",
        "name: acme          | '- name: acme'             | YAML | mend",
      })
  void mistakesAreNamedWithFileKeyAndWhatIsKnown(
      String right, String wrong, String key, String known) throws IOException {
    String text = ACME.replace(right.replace("\\n", "\n"), wrong.replace("\\n", "\n"));
    assertThat(text).isNotEqualTo(ACME);
    write("acme.yaml", text);
    assertThatThrownBy(this::load)
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> {
              assertThat(refused.reason()).isEqualTo(Reason.CONFIGURATION_INVALID);
              assertThat(refused.detail()).contains("acme.yaml");
              assertThat(refused.line()).contains(key.strip(), known);
            });
  }

  @ParameterizedTest
  @CsvSource({
    "'', not a map",
    "'[a, b]', not a map",
    "'name: x', title",
    "'name: x\ntitle: y', recognise",
    "'name: x\ntitle: y\nrecognise: []', recognise",
    "'name: x\ntitle: y\nrecognise: [{}]', matches every module",
    "'name: x\ntitle: y\nrecognise: [{tokenModel: \"*\"}]', matches every module"
  })
  void fileThatIsNoProfileIsRefused(String text, String told) throws IOException {
    write("x.yaml", text.replace("\\n", "\n"));
    assertThatThrownBy(this::load)
        .isInstanceOf(RefusedException.class)
        .hasMessageContainingAll("x.yaml", told);
  }

  @Test
  void whatWouldSilentlyNotBeReadIsRefused() throws IOException {
    assertThatThrownBy(() -> VendorProfiles.load(directory.resolve("none").toString()))
        .isInstanceOf(RefusedException.class)
        .hasMessageContainingAll(VendorProfiles.VARIABLE, "none");
    write("acme.yml", ACME);
    assertThatThrownBy(this::load)
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("acme.yml");
    Files.delete(directory.resolve("acme.yml"));
    Files.write(directory.resolve("acme.yaml"), new byte[] {'n', (byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(this::load)
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("acme.yaml");
  }
}
