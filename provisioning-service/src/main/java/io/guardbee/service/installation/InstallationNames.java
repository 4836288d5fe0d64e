package io.guardbee.service.installation;

import io.guardbee.pki.RefusedException;
import io.guardbee.service.profile.ReservedNames;
import io.guardbee.service.store.Database;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the names of all replicas' servers reserved. A name stays reserved when its replica goes:
 * clients may still know it. Thread-safe.
 */
public final class InstallationNames {

  private static final Logger LOG = LoggerFactory.getLogger(InstallationNames.class);

  private final Database database;
  private final Set<String> own;
  private final ReservedNames reserved;

  /**
   * @param own names and addresses of this replica's servers
   */
  public InstallationNames(Database database, Collection<String> own, ReservedNames reserved) {
    this.database = database;
    this.own = new TreeSet<>(own);
    this.reserved = reserved;
  }

  /** Tells the other replicas of this one's names, and learns theirs. */
  public void record() {
    database.transact(
        tx -> {
          List<String> known = all(tx);
          own.stream()
              .filter(name -> !known.contains(name))
              .forEach(name -> tx.execute("insert into installation_name (name) values (?)", name));
          return 0;
        });
    reserved.set(database.transact(InstallationNames::all));
  }

  /** Learns the names of replicas that have come since; to be called now and then. */
  public void refresh() {
    try {
      reserved.set(database.transact(InstallationNames::all));
    } catch (RefusedException e) {
      LOG.debug("the names of other replicas are looked up later: {}", e.line());
    }
  }

  private static List<String> all(Handle tx) {
    return tx.createQuery("select name from installation_name").mapTo(String.class).list();
  }
}
