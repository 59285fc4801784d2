// What the pages gain with JavaScript. Everything works without it.
"use strict";

// Menus: close on Escape and on a click elsewhere.
const menus = document.querySelectorAll(".bandeau details");
document.addEventListener("click", (e) => menus.forEach((m) => m.contains(e.target) || m.removeAttribute("open")));
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape") return;
  menus.forEach((m) => {
    if (m.open && m.contains(document.activeElement)) m.querySelector("summary").focus();
    m.removeAttribute("open");
  });
});

// Keyboard: « / » goes to the search field of the page, unless the user switched it off in « Mon compte ».
const RACCOURCIS = "raccourcis-desactives";
const reglage = document.querySelector("[data-reglage-raccourcis]");
if (reglage) {
  const case_ = reglage.querySelector("input");
  reglage.hidden = false;
  case_.checked = !localStorage.getItem(RACCOURCIS);
  case_.onchange = () => (case_.checked ? localStorage.removeItem(RACCOURCIS) : localStorage.setItem(RACCOURCIS, "1"));
}
document.addEventListener("keydown", (e) => {
  const champ = document.querySelector("[data-raccourci='/']");
  const saisie = e.target.closest("input, textarea, select, dialog");
  if (e.key !== "/" || saisie || !champ || e.ctrlKey || e.metaKey || e.altKey || localStorage.getItem(RACCOURCIS)) return;
  e.preventDefault();
  champ.focus();
  champ.select();
});

// The error summary takes the focus, so that it is read first.
document.getElementById("resume-erreurs")?.focus();

function element(nom, proprietes = {}, ...enfants) {
  const noeud = Object.assign(document.createElement(nom), proprietes);
  noeud.append(...enfants);
  return noeud;
}

// Confirmation before a form marked data-confirmer; a form is sent once.
document.addEventListener("submit", (e) => {
  const form = e.target;
  if (form.method !== "post") return;
  if (form.dataset.confirmer && !form.dataset.confirme) {
    e.preventDefault();
    confirmer(form, e.submitter);
    return;
  }
  if (form.dataset.envoye) e.preventDefault();
  form.dataset.envoye = "1";
});
window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach((f) => delete f.dataset.envoye));

function confirmer(form, bouton) {
  const oui = element("button", { type: "button", className: "principal", textContent: bouton?.textContent || "Confirmer" });
  const non = element("button", { type: "button", textContent: "Annuler", autofocus: true });
  const boite = dialogue("Confirmation", element("p", { textContent: form.dataset.confirmer }), element("div", { className: "boutons" }, oui, non));
  non.onclick = () => boite.close();
  oui.onclick = () => {
    form.dataset.confirme = "1";
    boite.close();
    form.requestSubmit(bouton);
  };
}

function dialogue(titre, ...contenu) {
  const boite = element("dialog", {}, element("h2", { textContent: titre }), ...contenu);
  boite.setAttribute("aria-label", titre);
  boite.addEventListener("close", () => boite.remove());
  document.body.append(boite);
  boite.showModal();
  return boite;
}

// Pickers: a dialog that asks the address of the link for JSON, and fills the field(s) of the form.
document.addEventListener("click", (e) => {
  const lien = e.target.closest("[data-selection]");
  if (!lien || e.ctrlKey || e.metaKey) return;
  e.preventDefault();
  selectionner(lien);
});

function selectionner(lien) {
  const q = element("input", { type: "search", id: "selection-q", autocomplete: "off" });
  const liste = element("ul", { className: "resultats" });
  const etat = element("p", { className: "aide" });
  etat.setAttribute("role", "status");
  const fermer = element("button", { type: "button", textContent: "Fermer" });
  const champ = element("div", { className: "champ" }, element("label", { htmlFor: "selection-q", textContent: lien.dataset.question }), q);
  const boite = dialogue(lien.textContent, champ, etat, liste, element("div", { className: "boutons" }, fermer));
  fermer.onclick = () => boite.close();
  let attente;
  const chercher = async () => {
    const adresse = new URL(lien.href);
    adresse.searchParams.set("q", q.value);
    const reponse = await fetch(adresse, { headers: { Accept: "application/json" } });
    if (!reponse.ok) {
      etat.textContent = "La recherche n’a pas abouti. Réessayez.";
      return;
    }
    const { resultats, suite } = await reponse.json();
    liste.replaceChildren(...resultats.map((r) => proposition(r, lien, boite)));
    etat.textContent = resultats.length ? (suite ? "Seuls les premiers résultats s’affichent : précisez la recherche." : "") : "Aucun résultat.";
  };
  q.oninput = () => {
    clearTimeout(attente);
    attente = setTimeout(chercher, 200);
  };
  q.focus();
  chercher();
}

function proposition(resultat, lien, boite) {
  const bouton = element("button", { type: "button" }, resultat.libelle);
  if (resultat.detail) bouton.append(element("small", { textContent: resultat.detail }));
  bouton.onclick = () => {
    remplir(lien.dataset.cible, resultat.valeur);
    if (lien.dataset.cibleNom) remplir(lien.dataset.cibleNom, resultat.nom ?? resultat.libelle);
    for (const [id, valeur] of Object.entries(resultat.champs ?? {})) remplir(id, valeur);
    boite.close();
    document.getElementById(lien.dataset.cible)?.focus();
  };
  return element("li", {}, bouton);
}

function remplir(id, valeur) {
  const champ = document.getElementById(id);
  if (champ) {
    champ.value = valeur;
    champ.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

// Lists of several choices: what is chosen shows as buttons, « × » or a double-click removes one (A44), a dialog adds
// one. The list itself stays, hidden: it is what the form sends.
document.querySelectorAll("[data-choix-multiple]").forEach((bloc) => {
  const liste = bloc.querySelector("select");
  const etiquette = element("span", { className: "intitule", id: `${liste.id}-intitule`, textContent: bloc.querySelector("label").textContent });
  const choisies = element("ul", { className: "choisies" });
  const ajouter = element("button", { type: "button", id: `${liste.id}-ajout`, className: "selection", textContent: "Ajouter une spécialité" });
  const etat = element("span", { className: "lecteur" });
  const options = [...liste.options];
  const dessiner = () => {
    choisies.replaceChildren(...options.filter((o) => o.selected).map(puce));
    choisies.hidden = !choisies.children.length;
  };
  const choisir = (option, oui) => {
    option.selected = oui;
    etat.textContent = `${option.text} ${oui ? "ajoutée" : "retirée"}.`;
    dessiner();
  };
  const puce = (option) => {
    const retirer = element("button", { type: "button", textContent: "×" });
    const ligne = element("li", { title: "Double-clic pour retirer" }, element("span", { textContent: option.text }), retirer);
    retirer.setAttribute("aria-label", `Retirer ${option.text}`);
    ligne.ondblclick = () => choisir(option, false);
    retirer.onclick = () => {
      choisir(option, false);
      ajouter.focus();
    };
    return ligne;
  };
  ajouter.onclick = () => ajouterParmi(ajouter.textContent, options.filter((o) => !o.selected), (option) => choisir(option, true));
  bloc.querySelector("label").replaceWith(etiquette);
  bloc.querySelector(".aide")?.remove();
  bloc.setAttribute("role", "group");
  bloc.setAttribute("aria-labelledby", etiquette.id);
  choisies.setAttribute("aria-label", "Spécialités choisies");
  etat.setAttribute("role", "status");
  bloc.id = liste.id;
  liste.id += "-liste";
  liste.hidden = true;
  liste.before(choisies, ajouter, etat);
  dessiner();
});

function ajouterParmi(titre, options, choisie) {
  const sansAccents = (texte) => texte.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const q = element("input", { type: "search", id: "ajout-q", autocomplete: "off" });
  const liste = element("ul", { className: "resultats" });
  const fermer = element("button", { type: "button", textContent: "Fermer" });
  const champ = element("div", { className: "champ" }, element("label", { htmlFor: "ajout-q", textContent: "Quelques lettres du nom" }), q);
  const boite = dialogue(titre, champ, liste, element("div", { className: "boutons" }, fermer));
  const montrer = () => liste.replaceChildren(...options.filter((o) => sansAccents(o.text).includes(sansAccents(q.value))).map(ligne));
  const ligne = (option) => {
    const bouton = element("button", { type: "button", textContent: option.text });
    bouton.onclick = () => {
      boite.close();
      choisie(option);
    };
    return element("li", {}, bouton);
  };
  fermer.onclick = () => boite.close();
  q.oninput = montrer;
  montrer();
  q.focus();
}

// A page that follows a running job refreshes itself.
const suivi = document.querySelector("[data-suivre]");
if (suivi) setTimeout(() => location.reload(), Number(suivi.dataset.suivre) * 1000);
