package io.guardbee.service.ceremony;

import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.ceremony.SignedRecord;
import io.guardbee.service.authority.Signer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A record's file and the signature beside it, as they are on the disk. */
final class StoredRecord {

  private static final Pattern NAME = Pattern.compile("([0-9]{4,9})-([a-z]+)\\.json");
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  private final Path file;
  private final int number;
  private final String kind;
  private final byte[] content;
  private final byte @Nullable [] signature;

  private StoredRecord(Path file, Matcher name) throws IOException {
    this.file = file;
    this.number = Integer.parseInt(name.group(1));
    this.kind = name.group(2);
    this.content = Files.readAllBytes(file);
    Path beside = signatureFile(file);
    this.signature = Files.exists(beside) ? Files.readAllBytes(beside) : null;
  }

  /** Empty when the file's name is not that of a record. */
  static Optional<StoredRecord> read(Path file) throws IOException {
    Matcher name = NAME.matcher(file.getFileName().toString());
    return name.matches() ? Optional.of(new StoredRecord(file, name)) : Optional.empty();
  }

  /** A signature without its record, as a state to tell; empty when the file is none. */
  static Optional<CaReport.Ceremony> stray(Path signature) {
    String name = signature.getFileName().toString();
    Path file = signature.resolveSibling(name.replaceFirst("\\.sig$", ""));
    Matcher record = NAME.matcher(file.getFileName().toString());
    return name.endsWith(".sig") && record.matches() && !Files.exists(file)
        ? Optional.of(
            new CaReport.Ceremony(
                Integer.parseInt(record.group(1)),
                record.group(2),
                "",
                file.toString(),
                "only its signature is there: it was cut off, or its record was removed"))
        : Optional.empty();
  }

  static Path file(Path directory, CeremonyRecord ceremony) {
    return directory.resolve("%04d-%s.json".formatted(ceremony.number(), ceremony.kind()));
  }

  static Path signatureFile(Path file) {
    return file.resolveSibling(file.getFileName() + ".sig");
  }

  static byte[] encode(CeremonyRecord ceremony) {
    return (JSON.writeValueAsString(ceremony) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  Path file() {
    return file;
  }

  int number() {
    return number;
  }

  String kind() {
    return kind;
  }

  Fingerprint fingerprint() {
    return Fingerprint.of(content);
  }

  /** As brokers are sent it; empty when the signature is missing. */
  Optional<SignedRecord> signed() {
    return Optional.ofNullable(signature)
        .map(
            found ->
                new SignedRecord(
                    new String(content, StandardCharsets.UTF_8),
                    Base64.getEncoder().encodeToString(found)));
  }

  /** What it says, whoever wrote it; empty when it does not read. */
  Optional<CeremonyRecord> unverified() {
    try {
      return Optional.of(JSON.readValue(content, CeremonyRecord.class));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /** Empty when all is well, else what is wrong with this record by itself. */
  Optional<String> fault(PublicKey root) {
    if (signature == null) {
      return Optional.of("not signed: " + signatureFile(file).getFileName() + " is missing");
    }
    if (!Signer.isGood(root, content, signature)) {
      return Optional.of("altered, or not signed by this root");
    }
    Optional<CeremonyRecord> told = unverified();
    if (told.isEmpty()) {
      return Optional.of("does not read: written by a newer Guardbee");
    }
    if (told.get().number() != number || !told.get().kind().toString().equals(kind)) {
      return Optional.of(
          "renamed: it is ceremony " + told.get().number() + " " + told.get().kind());
    }
    return Optional.empty();
  }
}
