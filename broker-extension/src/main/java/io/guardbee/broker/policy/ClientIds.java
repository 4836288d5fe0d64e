package io.guardbee.broker.policy;

/**
 * The client ids of one identity.
 *
 * @param name the one client id, or what comes before the slash
 * @param anySuffix whether a slash and any suffix follow
 */
public record ClientIds(String name, boolean anySuffix) {

  public boolean include(String clientId) {
    if (!anySuffix) {
      return clientId.equals(name);
    }
    return clientId.startsWith(name + "/") && clientId.length() > name.length() + 1;
  }

  @Override
  public String toString() {
    return anySuffix ? name + "/…" : name;
  }
}
