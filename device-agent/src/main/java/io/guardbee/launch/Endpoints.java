package io.guardbee.launch;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Where a Guardbee on this machine listens: {@code <home>/run/endpoints.json}. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Endpoints(
    URI https,
    URI http,
    URI mqtts,
    Path trust,
    Path operatorCert,
    Path operatorKey,
    String caFingerprint) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Empty when no Guardbee has been started with that home. */
  public static Optional<Endpoints> read(Path home) {
    Path file = home.resolve("run").resolve("endpoints.json");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(Files.readString(file), Endpoints.class));
    } catch (IOException | JacksonException e) {
      throw new RefusedException(
          Reason.STORAGE_FAILED,
          file + " cannot be read: " + e.getMessage(),
          "start guardbee up again: it writes the file anew");
    }
  }
}
