package io.guardbee.service.installation;

import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.authority.AuthorityFiles;
import io.guardbee.service.config.Home;
import io.guardbee.service.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * Holds every home on one database to one root: replicas that signed with authorities of their own
 * would refuse each other's devices.
 */
public final class OneRoot {

  private static final int ROW = 1;

  private final Database database;
  private final Path file;

  public OneRoot(Database database, Home home) {
    this.database = database;
    this.file = AuthorityFiles.rootFile(home.ca());
  }

  /**
   * Before authorities are made or opened.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when the database belongs to
   *     another root than this home's, or this home has none yet
   */
  public void check() throws IOException {
    Optional<String> recorded =
        database.transact(
            tx ->
                tx.createQuery("select root from installation where id = :id")
                    .bind("id", ROW)
                    .mapTo(String.class)
                    .findOne());
    if (recorded.isPresent() && !recorded.equals(own())) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "the database belongs to root "
              + recorded.get()
              + ", and "
              + own().map(root -> file + " is " + root).orElse("there is no " + file),
          "copy ca/ from the home of another replica into this one before its first start");
    }
  }

  private Optional<String> own() throws IOException {
    return Files.exists(file)
        ? Optional.of(fingerprint(Pem.readCertificates(file).get(0)))
        : Optional.empty();
  }

  /** Once there is a root: from now on the database is its own. */
  public void record(X509Certificate root) throws IOException {
    database.transact(
        tx -> {
          boolean known =
              tx.createQuery("select 1 from installation where id = :id")
                  .bind("id", ROW)
                  .mapTo(Integer.class)
                  .findOne()
                  .isPresent();
          return known
              ? 0
              : tx.execute(
                  "insert into installation (id, root) values (?, ?)", ROW, fingerprint(root));
        });
    check(); // another replica may have come first
  }

  private static String fingerprint(X509Certificate root) {
    return Fingerprint.of(root).toString();
  }
}
