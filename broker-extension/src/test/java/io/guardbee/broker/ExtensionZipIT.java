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
      for (ZipEntry jar : zip.stream().filter(e -> e.getName().endsWith(".jar")).toList()) {
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
                    || name.startsWith("io/guardbee/broker/run/")
                    || name.startsWith("org/xipki/")
                    || name.startsWith("iaik/")
                    || name.startsWith("picocli/"));
  }
}
