/** The certificates of operators and brokers: found, renewed, superseded, revoked. */
@NullMarked
package io.guardbee.service.role;

import org.jspecify.annotations.NullMarked;
