package io.guardbee.hsm.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.RefusedException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProfilePagesTest {

  private static final List<VendorProfile> PROFILES = VendorProfiles.load(null).list();

  private static final VendorProfile YUBIHSM =
      PROFILES.stream().filter(p -> p.name().equals("yubihsm2")).findFirst().orElseThrow();

  @Test
  void listTellsWhereEachModuleIs() {
    Path here = Path.of("/usr/lib64/pkcs11/yubihsm_pkcs11.so");
    List<String> lines = ProfilePages.list(PROFILES, here::equals).lines().toList();
    assertThat(lines).hasSize(PROFILES.size());
    assertThat(lines)
        .filteredOn(line -> line.startsWith("yubihsm2 "))
        .singleElement()
        .asString()
        .contains(" YubiHSM 2 (Yubico) ")
        .endsWith("  " + here);
    assertThat(lines)
        .filteredOn(line -> line.startsWith("luna "))
        .singleElement()
        .asString()
        .endsWith("  -");
  }

  @Test
  void pageTellsEachFactAndItsSources() {
    String page = ProfilePages.explain(YUBIHSM);
    assertThat(page)
        .startsWith("yubihsm2: YubiHSM 2 (Yubico)\nfrom built-in yubihsm2.yaml\n")
        .contains(
            "\nmaxSessions\n  4\n    source: https://github.com/Yubico/yubihsm-shell/issues/541\n")
        .contains("libraryManufacturer \"Yubico (www.yubico.com)\"")
        .contains("\necPoint\n  wrapped\n")
        .contains("not known, so taken with care: avoid, unlisted, omit, refuse\n");
    Facts.of(YUBIHSM)
        .forEach((key, values) -> assertThat(page).contains("\n" + key + "\n").contains(values));
  }

  @Test
  void unknownNameIsRefusedWithTheKnownOnes() {
    assertThat(VendorProfiles.named("luna").name()).isEqualTo("luna");
    assertThatThrownBy(() -> VendorProfiles.named("moon"))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.line()).contains("moon", "luna, nitrokey-hsm"));
  }
}
