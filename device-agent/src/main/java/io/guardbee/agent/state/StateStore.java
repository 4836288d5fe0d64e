package io.guardbee.agent.state;

import io.guardbee.files.SafeFiles;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A device's directory: {@code agent.json}, {@code ca.pem}, {@code certificate.pem}, each replaced
 * whole. The certificate is written last and is the point of commitment: a device is enrolled when
 * it is there. A renewal replaces that one file and keeps the key, so that a crash at any moment
 * leaves a certificate and the key that belongs to it. One process writes at a time.
 */
public final class StateStore {

  private static final Logger LOG = LoggerFactory.getLogger(StateStore.class);
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES).build();

  private final Path directory;
  private final DeviceId deviceId;

  /** The written form of what is neither certificate nor key. */
  private record Settings(String deviceId, String server, String broker, String key) {}

  private record LastContact(String at, String outcome) {}

  public StateStore(Path home, DeviceId deviceId) {
    this.directory = home.resolve("agent").resolve("devices").resolve(deviceId.value());
    this.deviceId = deviceId;
  }

  public Path directory() {
    return directory;
  }

  public Path certificateFile() {
    return directory.resolve("certificate.pem");
  }

  public Path rootFile() {
    return directory.resolve("ca.pem");
  }

  /**
   * What the device holds; empty when it is not enrolled.
   *
   * @throws RefusedException {@link Reason#STORAGE_FAILED} when a file is there but damaged
   */
  public Optional<Enrolment> read() {
    if (!Files.exists(certificateFile())) {
      return Optional.empty();
    }
    try {
      Settings settings = JSON.readValue(Files.readString(settingsFile()), Settings.class);
      List<X509Certificate> root = Pem.readCertificates(rootFile());
      return Optional.of(
          new Enrolment(
              new DeviceId(settings.deviceId()),
              URI.create(settings.server()),
              URI.create(settings.broker()),
              settings.key(),
              Pem.readCertificates(certificateFile()),
              root.get(0)));
    } catch (IOException | JacksonException | IllegalArgumentException e) {
      throw damaged(e);
    }
  }

  /** Remembers a new enrolment. */
  public void save(Enrolment enrolment) {
    Settings settings =
        new Settings(
            enrolment.deviceId().value(),
            enrolment.server().toString(),
            enrolment.broker().toString(),
            enrolment.key());
    write(rootFile(), Pem.certificate(enrolment.root()));
    write(settingsFile(), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(settings));
    write(certificateFile(), Pem.certificates(enrolment.chain()));
  }

  /** Puts the renewed certificate in the place of the old one, for the same key. */
  public void renew(List<X509Certificate> chain) {
    write(certificateFile(), Pem.certificates(chain));
  }

  /** Notes how the broker answered; for {@code status} only, so a lost note is no harm. */
  public void note(Contact contact) {
    LastContact note = new LastContact(contact.at().toString(), contact.outcome());
    try {
      write(contactFile(), JSON.writeValueAsString(note));
    } catch (RefusedException e) {
      LOG.debug("{}", e.line());
    }
  }

  public Optional<Contact> lastContact() {
    try {
      LastContact note = JSON.readValue(Files.readString(contactFile()), LastContact.class);
      return Optional.of(new Contact(Instant.parse(note.at()), note.outcome()));
    } catch (IOException | JacksonException | java.time.DateTimeException e) {
      return Optional.empty();
    }
  }

  private void write(Path file, String text) {
    try {
      Files.createDirectories(directory);
      SafeFiles.writePublic(file, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new RefusedException(
          Reason.STORAGE_FAILED,
          "cannot write " + file + ": " + e.getMessage(),
          "free space on the disk and check who owns the directory");
    }
  }

  private Path settingsFile() {
    return directory.resolve("agent.json");
  }

  private Path contactFile() {
    return directory.resolve("contact.json");
  }

  private RefusedException damaged(Exception cause) {
    return new RefusedException(
        Reason.STORAGE_FAILED,
        "the state of " + deviceId + " in " + directory + " cannot be read: " + cause.getMessage(),
        "remove that directory and enrol again with a new token");
  }
}
