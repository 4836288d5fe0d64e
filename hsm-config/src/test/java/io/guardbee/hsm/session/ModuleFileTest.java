package io.guardbee.hsm.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModuleFileTest {

  private static final Pkcs11Uri ANY = Pkcs11Uri.ofToken("box");

  private final Path directory;
  private Path module;
  private Path other;

  ModuleFileTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void twoFiles() throws Exception {
    module = Files.writeString(directory.resolve("module.so"), "");
    other = Files.writeString(directory.resolve("other.so"), "");
  }

  @Test
  void uriComesBeforeEnvironmentBeforeUsualPlaces() {
    List<String> usual = List.of(directory + "/none.so", other.toString());

    assertThat(ModuleFile.find(ANY.withModulePath(module), other.toString(), usual))
        .isEqualTo(module);
    assertThat(ModuleFile.find(ANY, module.toString(), usual)).isEqualTo(module);
    assertThat(ModuleFile.find(ANY, null, usual)).isEqualTo(other);
    assertThat(ModuleFile.find(ANY, " ", usual)).isEqualTo(other);
  }

  @Test
  void missingModuleIsNamedWithWhoNamedIt() {
    Path none = directory.resolve("none.so");

    assertMissing(ANY.withModulePath(none), module.toString(), "module-path");
    assertMissing(ANY, none.toString(), "GUARDBEE_PKCS11_MODULE");
    assertMissing(ANY.withModulePath(directory), module.toString(), "no file");
    assertMissing(ANY, null, "/usual/none.so");
  }

  private static void assertMissing(Pkcs11Uri uri, @Nullable String environment, String detail) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> ModuleFile.find(uri, environment, List.of("/usual/none.so")))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.MODULE_MISSING))
        .withMessageContaining(detail)
        .satisfies(e -> assertThat(e.nextStep()).contains("apt-get install softhsm2"));
  }

  @Test
  void fileThatIsNoLibraryIsRefusedEachTime() throws Exception {
    Files.writeString(module, "not a library");

    assertNotLoaded(module);
    assertNotLoaded(module);
  }

  @Test
  void libraryWithoutPkcs11FunctionsIsRefused() {
    assertNotLoaded(Path.of(System.getProperty("java.home"), "lib", "libzip.so"));
  }

  private static void assertNotLoaded(Path file) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> Token.open(ANY.withModulePath(file)))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.MODULE_FAILED))
        .withMessageContaining(file.toString())
        .satisfies(e -> assertThat(e.line().lines()).hasSize(1));
  }
}
