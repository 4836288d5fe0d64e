/** The document that says which identity may use which client ids and topics (DESIGN §7). */
@NullMarked
package io.guardbee.broker.policy;

import org.jspecify.annotations.NullMarked;
