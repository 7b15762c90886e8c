package demo

// remarks are open answers by item and language. They are invented, name
// nobody and accuse nobody.
var remarks = map[string]map[string][]string{
	"open_change": {
		"en": {
			"Publish the list of documents each procedure needs, and keep it up to date.",
			"Rotate posts by a rule that everybody can read.",
			"Answer to those who report something: we never hear what became of it.",
			"Let us pay all fees online, so that nobody handles money at the counter.",
			"Train supervisors to talk about gifts before the holidays.",
			"Explain decisions in writing, with the rule they rest on.",
			"Ask the staff before a procedure changes.",
		},
		"fr": {
			"Publier les délais de dédouanement par bureau, chaque mois.",
			"Des règles claires pour les mutations.",
			"Dire à ceux qui signalent un fait ce qu'il est devenu.",
			"Tout payer en ligne, plus rien au guichet.",
			"Former les chefs d'équipe à l'éthique, avec des cas réels.",
		},
		"es": {
			"Que todos los pagos se hagan en línea.",
			"Reglas claras para los traslados.",
			"Explicar por escrito cada decisión.",
			"Más formación para el personal nuevo.",
		},
		"pt": {
			"Menos papéis e mais tramitação eletrónica.",
			"Regras claras para as transferências.",
			"Dar resposta a quem comunica um problema.",
			"Ouvir o pessoal antes de mudar os procedimentos.",
		},
		"ar": {
			"نشر قائمة المستندات المطلوبة لكل إجراء وتحديثها.",
			"دفع جميع الرسوم إلكترونيا.",
			"قواعد واضحة لنقل الموظفين بين المكاتب.",
			"إبلاغ من يقدم بلاغا بنتيجته.",
		},
		"ru": {
			"Понятные правила перевода между постами.",
			"Оплата всех сборов только онлайн.",
			"Сообщать тем, кто обратился, что было сделано.",
		},
		"zh": {
			"公布每项手续所需的文件清单。",
			"所有费用都在网上支付。",
			"岗位轮换应有公开的规则。",
		},
	},
	"open_keep": {
		"en": {
			"The new declaration system saves a lot of time.",
			"The monthly meeting with brokers is useful.",
			"My supervisor listens.",
			"The integrity line is easy to reach.",
		},
		"fr": {
			"Le guichet d'information répond vite.",
			"Les réunions mensuelles avec les opérateurs.",
			"La formation des nouveaux agents.",
		},
		"es": {
			"La ventanilla de información funciona bien.",
			"Las reuniones con el sector privado.",
		},
		"pt": {
			"O novo sistema de declarações poupa muito tempo.",
			"As reuniões mensais com os despachantes.",
		},
		"ar": {
			"النظام الإلكتروني الجديد يوفر الوقت.",
			"الاجتماعات الشهرية مع المخلصين الجمركيين.",
		},
		"ru": {
			"Новая система деклараций экономит время.",
			"Ежемесячные встречи с бизнесом.",
		},
		"zh": {
			"新的申报系统节省了很多时间。",
			"每月与企业的座谈会很有用。",
		},
	},
}
