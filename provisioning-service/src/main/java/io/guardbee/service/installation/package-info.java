/** This installation's own certificates: for HTTPS, the operator and the broker. */
@NullMarked
package io.guardbee.service.installation;

import org.jspecify.annotations.NullMarked;
