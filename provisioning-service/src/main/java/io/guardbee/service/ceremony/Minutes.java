package io.guardbee.service.ceremony;

import io.guardbee.files.SafeFiles;
import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.service.ceremony.CeremonyRecord.CertificateNote;
import io.guardbee.service.ceremony.CeremonyRecord.CrlNote;
import io.guardbee.service.ceremony.CeremonyRecord.KeyNote;
import io.guardbee.service.ceremony.CeremonyRecord.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What happens in a ceremony, noted as it happens. What the root signs stays in memory until its
 * record is on the disk: no certificate exists without a record.
 */
final class Minutes {

  private final Kind kind;
  private final List<KeyNote> keys = new ArrayList<>();
  private final List<CertificateNote> certificates = new ArrayList<>();
  private @Nullable CrlNote crl;

  Minutes(Kind kind, RootKey rootKey) {
    this.kind = kind;
    keys.add(rootKey.note());
  }

  void used(String role, Token token, TokenKey key) {
    keys.add(KeyNote.of(role, token, key));
  }

  void signed(String role, X509Certificate certificate) {
    certificates.add(CertificateNote.of(role, certificate));
  }

  void signed(CrlNote list) {
    crl = list;
  }

  List<X509Certificate> certificates() {
    return certificates.stream().map(CertificateNote::certificate).toList();
  }

  /**
   * Signs and writes the record: with this the ceremony counts.
   *
   * @return its file
   */
  Path commit(Path ca, RootKey rootKey, Instant now) throws IOException {
    History before = History.read(ca);
    CeremonyRecord ceremony =
        new CeremonyRecord(
            CeremonyRecord.VERSION,
            before.next(),
            kind,
            now.truncatedTo(ChronoUnit.SECONDS),
            tool(),
            before.tip(),
            rootKey.algorithm(),
            keys,
            certificates,
            crl);
    byte[] content = StoredRecord.encode(ceremony);
    byte[] signature = rootKey.sign(content);
    Path file = StoredRecord.file(History.directory(ca), ceremony);
    removeStraySignatures(History.directory(ca), ceremony.number());
    // the record comes last: it is there only together with its signature
    SafeFiles.writePublic(StoredRecord.signatureFile(file), signature);
    SafeFiles.writePublic(file, content);
    return file;
  }

  /** Of a ceremony with this number that was cut off: nothing that it signed was kept. */
  private static void removeStraySignatures(Path directory, int number) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Optional<CaReport.Ceremony> stray = StoredRecord.stray(file);
        if (stray.isPresent() && stray.get().number() == number) {
          SafeFiles.delete(file);
        }
      }
    }
  }

  private static String tool() {
    String version = Minutes.class.getPackage().getImplementationVersion();
    return "guardbee " + (version == null ? "(not packaged)" : version);
  }
}
