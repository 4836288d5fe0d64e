package io.guardbee.operator;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code run/endpoints.json}: actual addresses and paths, for scripts and for our own commands.
 *
 * @param operatorKey a file, or the PKCS#11 URI (RFC 7512) of a key in a token
 * @param wss MQTT over secure WebSocket; null, and not in the file, where there is none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Endpoints(
    String https,
    String http,
    String mqtts,
    @Nullable String wss,
    String trust,
    String operatorCert,
    String operatorKey,
    String caFingerprint) {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** Below the home. */
  private static final Path FILE = Path.of("run", "endpoints.json");

  /** The same with the operator's key elsewhere. */
  Endpoints withOperatorKey(String key) {
    return new Endpoints(https, http, mqtts, wss, trust, operatorCert, key, caFingerprint);
  }

  /** Replaces the file of that home; it is there whole or not at all. */
  public void write(Path home) throws IOException {
    SafeFiles.writePublic(home.resolve(FILE), JSON.writeValueAsString(this) + "\n");
  }

  /**
   * Reads what the running service wrote.
   *
   * @throws RefusedException {@link Reason#SERVICE_UNREACHABLE} when none has run on that home,
   *     {@link Reason#CONFIGURATION_INVALID} when the file does not read
   */
  public static Endpoints read(Path home) throws IOException {
    Path file = home.resolve(FILE);
    if (!Files.exists(file)) {
      throw new RefusedException(
          Reason.SERVICE_UNREACHABLE,
          "no Guardbee has run on home " + home,
          "start one with guardbee up, or name its home with --home");
    }
    try {
      return JSON.readValue(Files.readString(file), Endpoints.class);
    } catch (JacksonException e) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          file + " does not read",
          "start guardbee up again: it writes the file anew");
    }
  }
}
