package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/** What is in the zip, and what must not be. */
class ExtensionZipIT {

  private static List<String> files() throws IOException {
    try (ZipFile zip = new ZipFile(System.getProperty("guardbee.extension.zip"))) {
      return zip.stream().filter(e -> !e.isDirectory()).map(ZipEntry::getName).toList();
    }
  }

  private static List<String> classes() throws IOException {
    List<String> classes = new ArrayList<>();
    try (ZipFile zip = new ZipFile(System.getProperty("guardbee.extension.zip"))) {
      for (ZipEntry jar : zip.stream().filter(e -> isJar(e) && !isModuleJar(e)).toList()) {
        try (ZipInputStream inner =
            new ZipInputStream(new ByteArrayInputStream(zip.getInputStream(jar).readAllBytes()))) {
          for (ZipEntry e = inner.getNextEntry(); e != null; e = inner.getNextEntry()) {
            classes.add(e.getName());
          }
        }
      }
    }
    return classes;
  }

  private static boolean isJar(ZipEntry entry) {
    return entry.getName().endsWith(".jar");
  }

  /** HiveMQ takes the jars beside the extension only; these are loaded when they are needed. */
  private static boolean isModuleJar(ZipEntry entry) {
    return entry.getName().startsWith("guardbee/pkcs11/");
  }

  @Test
  void carriesPkcs11InAFolderOfItsOwn() throws IOException {
    assertThat(files())
        .filteredOn(name -> name.startsWith("guardbee/pkcs11/"))
        .hasSize(2)
        .anyMatch(name -> name.matches(".*/hsm-config-[^/]*\\.jar"))
        .anyMatch(name -> name.matches(".*/ipkcs11wrapper-[^/]*\\.jar"));
  }

  @Test
  void isAStandardExtension() throws IOException {
    assertThat(files())
        .allMatch(name -> name.startsWith("guardbee/"))
        .contains(
            "guardbee/hivemq-extension.xml",
            "guardbee/conf/guardbee.yaml",
            "guardbee/conf/policy.yaml");
    assertThat(classes())
        .contains(
            "io/guardbee/broker/GuardbeeExtension.class",
            "io/guardbee/pki/TrustedIssuers.class",
            "META-INF/services/com.hivemq.extension.sdk.api.ExtensionMain");
  }

  @Test
  void holdsNothingThatHiveMqProvidesAndNoPkcs11() throws IOException {
    assertThat(classes())
        .noneMatch(
            name ->
                name.startsWith("org/slf4j/")
                    || name.startsWith("com/codahale/")
                    || name.startsWith("com/hivemq/")
                    || name.startsWith("io/guardbee/hsm/")
                    || name.startsWith("io/guardbee/operator/")
                    || name.startsWith("io/guardbee/broker/run/")
                    || name.startsWith("org/xipki/")
                    || name.startsWith("iaik/")
                    || name.startsWith("picocli/"));
  }
}
