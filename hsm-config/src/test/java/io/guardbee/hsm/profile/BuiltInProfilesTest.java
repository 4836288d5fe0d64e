package io.guardbee.hsm.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.hsm.key.KeyType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class BuiltInProfilesTest {

  private static final VendorProfiles PROFILES = VendorProfiles.load(null);

  static Stream<VendorProfile> builtIn() {
    return PROFILES.list().stream();
  }

  private static ModuleIdentity identity(String row) {
    String[] texts = row.split("/", -1);
    return new ModuleIdentity(texts[0], texts[1], texts[2], texts[3]);
  }

  @Test
  void eachFileIsKnownByName() throws Exception {
    Path directory =
        Path.of(Objects.requireNonNull(VendorProfiles.class.getResource("softhsm2.yaml")).toURI())
            .resolveSibling("");
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> String.valueOf(file.getFileName())))
          .filteredOn(file -> file.endsWith(".yaml"))
          .containsExactlyInAnyOrderElementsOf(
              VendorProfiles.BUILT_IN.stream().map(name -> name + ".yaml").toList());
    }
  }

  @ParameterizedTest
  @MethodSource("builtIn")
  void eachFactHasItsSource(VendorProfile profile) {
    assertThat(profile.sources().keySet())
        .containsExactlyInAnyOrderElementsOf(Facts.of(profile).keySet());
    assertThat(profile.sources().values()).allSatisfy(sources -> assertThat(sources).isNotEmpty());
    assertThat(profile.modulePaths()).isNotEmpty().allMatch(path -> path.startsWith("/"));
  }

  // SoftHSM's and tpm2-pkcs11's as their modules say it here; the others as their sources show it
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SoftHSM/Implementation of PKCS11/SoftHSM project/SoftHSM v2 | softhsm2",
        "tpm2-software.github.io/TPM2.0 Cryptoki/IBM/SW   TPM | tpm2-pkcs11",
        "tpm2-software.github.io/TPM2.0 Cryptoki/Infineon/SLB9670 | tpm2-pkcs11",
        "Yubico (www.yubico.com)/YubiHSM PKCS#11 Library/Yubico (www.yubico.com)/YubiHSM | yubihsm2",
        "SafeNet/Chrystoki/Safenet, Inc./Luna K7 | luna",
        "nCipher Corp. Ltd/nCipher PKCS#11/nCipher Corp. Ltd/'' | nshield",
        "CloudHSM/CloudHSM PKCS#11/CloudHSM/hsm1.medium | cloudhsm",
        "Utimaco IS GmbH/CryptoServer PKCS11/Utimaco IS GmbH/CryptoServer | utimaco",
        "OpenSC Project/OpenSC smartcard framework/www.CardContact.de/PKCS#15 emulated"
            + " | nitrokey-hsm",
        "SafeNet, Inc./SafeNet eToken PKCS#11/SafeNet, Inc./eToken | conservative",
        "OpenSC Project/OpenSC smartcard framework/piv_II/PKCS#15 emulated | conservative",
        "Yubico (www.yubico.com)/PKCS#11 PIV Library (SP-800-73)/Yubico/YubiKey | conservative",
        "Kryoptic/Kryoptic PKCS11/Kryoptic Project/v1 | conservative",
      })
  void modulesAreKnownByWhatTheySay(String row, String name) {
    assertThat(PROFILES.matching(identity(row)).name()).isEqualTo(name);
  }

  @Test
  void paddingAndCaseDoNotMatter() {
    assertThat(
            PROFILES
                .matching(
                    new ModuleIdentity(
                        "SOFTHSM       ", "x\0\0", "SoftHSM project ", "softhsm V2\0"))
                .name())
        .isEqualTo("softhsm2");
  }

  @Test
  void unknownModuleIsTakenWithCare() {
    VendorProfile unknown = PROFILES.matching(new ModuleIdentity("Acme", "", "Acme", "1"));
    assertThat(unknown).isEqualTo(VendorProfile.conservative());
    assertThat(unknown.maxSessions()).hasValue(4);
    assertThat(unknown.handleLife()).isEqualTo(HandleLife.SESSION);
    assertThat(unknown.ecPoint()).isEqualTo(EcPoint.EITHER);
    assertThat(Mechanisms.ALGORITHMS)
        .allSatisfy(name -> assertThat(unknown.prefer(name)).isEmpty());
    assertThat(unknown.sessionObjects()).isEmpty();
    assertThat(unknown.omit()).isEmpty();
  }

  @Test
  void whatTpmsCannotDoIsSaid() {
    VendorProfile tpm = PROFILES.matching(identity("tpm2-software.github.io/TPM2.0 Cryptoki/a/b"));
    assertThat(tpm.omit()).contains("CKA_DECRYPT");
    assertThat(tpm.refusal("ec-p521")).isPresent();
    assertThat(tpm.refusal("ec-p256")).isEmpty();
    assertThat(tpm.sessionObjects()).contains(false);
    assertThat(tpm.avoid()).contains("CKM_RSA_PKCS_PSS");
  }

  @Test
  void kindsOfKeyAreNamedAsElsewhere() {
    assertThat(Quirks.KEY_TYPES)
        .containsExactlyElementsOf(Arrays.stream(KeyType.values()).map(KeyType::toString).toList());
  }
}
