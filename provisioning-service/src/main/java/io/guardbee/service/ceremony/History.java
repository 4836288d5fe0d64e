package io.guardbee.service.ceremony;

import io.guardbee.pki.Pem;
import io.guardbee.pki.ceremony.SignedRecord;
import io.guardbee.service.authority.AuthorityFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The records of a home's ceremonies, each checked by itself and in its place. What is acted upon
 * comes from records that the root signed; a gap between them is told, but hinders nothing: a lost
 * record must not stand in the way of a revocation.
 */
final class History {

  private final List<CaReport.Ceremony> told = new ArrayList<>();
  private final List<CeremonyRecord> genuine = new ArrayList<>();
  private final Map<CeremonyRecord, SignedRecord> signed = new HashMap<>();
  private final Map<Integer, String> fingerprints = new HashMap<>();
  private int last;

  private History() {}

  static Path directory(Path ca) {
    return ca.resolve("ceremonies");
  }

  static History read(Path ca) throws IOException {
    History history = new History();
    List<Path> files = files(directory(ca));
    List<StoredRecord> stored = stored(files);
    Optional<X509Certificate> root = root(ca, stored);
    for (StoredRecord next : stored) {
      history.add(next, root.orElse(null));
    }
    files.forEach(file -> StoredRecord.stray(file).ifPresent(history.told::add));
    return history;
  }

  private static List<Path> files(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  private static List<StoredRecord> stored(List<Path> files) throws IOException {
    List<StoredRecord> stored = new ArrayList<>();
    for (Path file : files) {
      StoredRecord.read(file).ifPresent(stored::add);
    }
    stored.sort(Comparator.comparingInt(StoredRecord::number).thenComparing(StoredRecord::kind));
    return stored;
  }

  /** In the file; before it is in its place, in the record of the ceremony that made it. */
  private static Optional<X509Certificate> root(Path ca, List<StoredRecord> stored)
      throws IOException {
    Path file = AuthorityFiles.rootFile(ca);
    if (Files.exists(file)) {
      return Optional.of(Pem.readCertificates(file).get(0));
    }
    return stored.stream()
        .findFirst()
        .flatMap(StoredRecord::unverified)
        .flatMap(first -> first.certificates().stream().findFirst())
        .filter(certificate -> certificate.role().equals(RootKey.ROLE))
        .map(CeremonyRecord.CertificateNote::certificate);
  }

  private void add(StoredRecord next, @Nullable X509Certificate root) {
    for (int missing = last + 1; missing < next.number(); missing++) {
      told.add(CaReport.Ceremony.missing(missing));
    }
    Optional<String> fault =
        root == null
            ? Optional.of("no root to verify it by: root.pem is missing")
            : next.fault(root.getPublicKey());
    Optional<CeremonyRecord> ceremony = next.unverified();
    if (fault.isEmpty()) {
      ceremony.ifPresent(genuine::add);
      ceremony.ifPresent(record -> next.signed().ifPresent(file -> signed.put(record, file)));
      fault = ceremony.flatMap(record -> misplaced(record, next));
    }
    told.add(
        new CaReport.Ceremony(
            next.number(),
            next.kind(),
            ceremony.map(record -> record.time().toString()).orElse(""),
            next.file().toString(),
            fault.orElse(CaReport.VERIFIED)));
    fingerprints.putIfAbsent(next.number(), next.fingerprint().toString());
    last = next.number();
  }

  private Optional<String> misplaced(CeremonyRecord ceremony, StoredRecord stored) {
    if (fingerprints.containsKey(stored.number())) {
      return Optional.of("a second record with this number");
    }
    String before = fingerprints.get(stored.number() - 1);
    return Objects.equals(before, ceremony.previous())
        ? Optional.empty()
        : Optional.of("does not follow the record before it: that one was replaced or removed");
  }

  /** Those that the root signed, oldest first. */
  List<CeremonyRecord> genuine() {
    return List.copyOf(genuine);
  }

  /**
   * The files of those genuine records that say what is in force: that certified one of these, that
   * hold the last list of revoked authorities, and the last of all.
   */
  List<SignedRecord> signed(Collection<X509Certificate> certified) {
    long crl = crl().map(RootCrl::number).orElse(-1L);
    return genuine.stream()
        .filter(
            record ->
                record.equals(genuine.get(genuine.size() - 1))
                    || (record.crl() != null && record.crl().number() == crl)
                    || record.certificates().stream()
                        .anyMatch(note -> certified.contains(note.certificate())))
        .map(signed::get)
        .filter(Objects::nonNull)
        .toList();
  }

  /** All that are there, and those that should be. */
  List<CaReport.Ceremony> told() {
    return List.copyOf(told);
  }

  boolean isEmpty() {
    return last == 0;
  }

  /** Number of the next ceremony. */
  int next() {
    return last + 1;
  }

  /** Fingerprint of the last record. */
  @Nullable String tip() {
    return fingerprints.get(last);
  }

  /** Every certificate of that role that a record tells of, newest first. */
  List<X509Certificate> certificates(String role) {
    List<X509Certificate> newestFirst = new ArrayList<>();
    for (CeremonyRecord ceremony : genuine) {
      ceremony.certificates().stream()
          .filter(note -> note.role().equals(role))
          .forEach(note -> newestFirst.add(0, note.certificate()));
    }
    return newestFirst;
  }

  /** The last list of revoked authorities that a record tells of. */
  Optional<RootCrl> crl() {
    return genuine.stream()
        .map(CeremonyRecord::crl)
        .filter(Objects::nonNull)
        .max(Comparator.comparingLong(CeremonyRecord.CrlNote::number))
        .map(note -> RootCrl.parse(note.pem()));
  }
}
