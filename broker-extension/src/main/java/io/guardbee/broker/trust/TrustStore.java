package io.guardbee.broker.trust;

import io.guardbee.broker.status.ChecksummedFile;
import io.guardbee.broker.status.Instructions;
import io.guardbee.pki.Pem;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.ceremony.SignedRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What was told last, on disk: one JSON object, and a line with its SHA-256. */
final class TrustStore {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int VERSION = 2;

  /** Written before there were ceremony records: it reads without any. */
  private static final int FIRST_VERSION = 1;

  private static final int LARGEST = 4 << 20;

  private final Path file;

  TrustStore(Path folder) {
    this.file = folder.resolve("trust.json");
  }

  Path file() {
    return file;
  }

  /**
   * What is there; null when nothing ever was.
   *
   * @throws IOException when it is not what was written
   */
  Instructions.@Nullable Trust load() throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    String line = new ChecksummedFile(file, LARGEST).read();
    try {
      JsonNode node = JSON.readTree(line);
      int version = node.path("version").asInt();
      if (version != VERSION && version != FIRST_VERSION) {
        throw new IOException("it is of another version");
      }
      return new Instructions.Trust(
          certificates(node.path("roots")),
          certificates(node.path("issuing")),
          records(node.path("records")),
          node.path("crl").asString(""));
    } catch (JacksonException | RefusedException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static List<X509Certificate> certificates(JsonNode list) {
    List<X509Certificate> all = new ArrayList<>();
    list.forEach(pem -> all.addAll(Pem.parseCertificates(pem.asString())));
    return all;
  }

  private static List<SignedRecord> records(JsonNode list) {
    List<SignedRecord> all = new ArrayList<>();
    list.forEach(
        record ->
            all.add(
                new SignedRecord(
                    record.path("content").asString(), record.path("signature").asString())));
    return all;
  }

  /** Writes so that either the old file or the new one is there after a power cut. */
  void save(Instructions.Trust told) throws IOException {
    ObjectNode node = JSON.createObjectNode().put("version", VERSION);
    write(node.putArray("roots"), told.roots());
    write(node.putArray("issuing"), told.issuing());
    ArrayNode records = node.putArray("records");
    told.records()
        .forEach(
            record ->
                records
                    .addObject()
                    .put("content", record.content())
                    .put("signature", record.signature()));
    node.put("crl", told.crl());
    new ChecksummedFile(file, LARGEST).write(node.toString());
  }

  private static void write(ArrayNode list, List<X509Certificate> certificates) {
    certificates.forEach(certificate -> list.add(Pem.certificate(certificate)));
  }
}
