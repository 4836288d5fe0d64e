package io.guardbee.service.config;

import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code run/endpoints.json}: actual addresses and paths, for scripts and for our own commands. */
public record Endpoints(
    String https,
    String http,
    String mqtts,
    String trust,
    String operatorCert,
    String operatorKey,
    String caFingerprint) {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  public void write(Home home) throws IOException {
    SafeFiles.writePublic(home.endpoints(), JSON.writeValueAsString(this) + "\n");
  }

  /**
   * Reads what the running service wrote.
   *
   * @throws RefusedException {@link Reason#SERVICE_UNREACHABLE} when none has run on that home
   */
  public static Endpoints read(Home home) throws IOException {
    if (!Files.exists(home.endpoints())) {
      throw new RefusedException(
          Reason.SERVICE_UNREACHABLE,
          "no Guardbee has run on home " + home.directory(),
          "start one with guardbee up, or name its home with --home");
    }
    try {
      return JSON.readValue(Files.readString(home.endpoints()), Endpoints.class);
    } catch (JacksonException e) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          home.endpoints() + " does not read",
          "start guardbee up again: it writes the file anew");
    }
  }
}
